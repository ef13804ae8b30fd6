/** The full-width ASCII block (U+FF01–U+FF5E) lies this far above ASCII. */
const FULL_WIDTH_OFFSET = 0xfee0;

/**
 * Turns full-width ASCII (as Chinese input methods type it) and the ideographic space into their half-width forms;
 * every other character stays.
 */
export function toHalfWidth(text: string): string {
  return text
    .replace(/[\uff01-\uff5e]/g, (char) => String.fromCharCode(char.charCodeAt(0) - FULL_WIDTH_OFFSET))
    .replaceAll('\u3000', ' ');
}

/**
 * Removes what people put into numbers for the eye: white space, dashes of every kind, and the invisible marks that
 * address books and web pages add when a number is copied (zero-width and bidirectional marks).
 */
export function stripSeparators(text: string): string {
  return text.replace(/[\s\-\u00ad\u200b-\u2015\u202a-\u202e\u2060-\u2069\u2212\ufe58\ufe63\ufeff]/g, '');
}
