/** What `normaliseName` answers. */
export type NormalisedName =
  | { ok: true; value: string }
  | { ok: false; code: 'name_empty' | 'name_too_long' | 'name_malformed'; message: string };

/** The longest name in characters (the longest on mainland id cards is well below). */
export const NAME_MAX_CHARACTERS = 64;

/** The dots that stand between the parts of a transliterated name, as keyboards and core systems variously write them. */
const MIDDLE_DOTS = /[\u2022\u2027\u2219\u22c5\u2e31\u30fb\u16eb\u2024\u25cf\u26ab\u2b24]/g;
// Without lookbehind: pages check names with this too, and older browsers refuse a whole script for one.
const DOT_BETWEEN_HAN = /(\p{Script=Han})\s*[.。·]\s*(?=\p{Script=Han})/gu;
const SPACE_BETWEEN_HAN = /(\p{Script=Han})\s+(?=\p{Script=Han})/gu;
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/**
 * Reads a person's name into the one spelling that is compared and hashed: Unicode NFKC (full-width to half-width,
 * compatibility ideographs to the usual ones), every middle dot as `·`, no space between Chinese characters, single spaces
 * elsewhere, trimmed. Letters keep their case.
 */
export function normaliseName(text: string): NormalisedName {
  const value = text
    .replace(INVISIBLE, '')
    .normalize('NFKC')
    .replace(MIDDLE_DOTS, '·')
    .replace(/\s+/g, ' ')
    .replace(DOT_BETWEEN_HAN, '$1·')
    .replace(SPACE_BETWEEN_HAN, '$1')
    .trim();
  if (value === '') return { ok: false, code: 'name_empty', message: 'must not be empty' };
  if ([...value].length > NAME_MAX_CHARACTERS) {
    return { ok: false, code: 'name_too_long', message: `must be at most ${NAME_MAX_CHARACTERS} characters` };
  }
  if (/[\p{Cc}\p{Cs}<>{}[\]\\|]/u.test(value)) {
    return { ok: false, code: 'name_malformed', message: 'must not hold control characters or markup' };
  }
  return { ok: true, value };
}
