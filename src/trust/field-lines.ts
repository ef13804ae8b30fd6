/**
 * The header (or trailer) lines of one message in the order received: `names` in lower case, `values` untouched, index by
 * index. Two flat arrays: a request has a dozen lines, and looking through them is cheaper than building a map.
 */
export type FieldLines = { readonly names: readonly string[]; readonly values: readonly string[] };

/** Raw `[name, value]` pairs as {@link FieldLines}. */
export function toFieldLines(pairs: Iterable<readonly [string, string]>): FieldLines {
  const names: string[] = [];
  const values: string[] = [];
  for (const [name, value] of pairs) {
    names.push(name.toLowerCase());
    values.push(value);
  }
  return { names, values };
}

/**
 * The value of field `name` (lower case) as RFC 9421 §2.1 combines it: every line stripped of surrounding white space,
 * line folds replaced by one space, lines joined by a comma and a space. Undefined when the field is absent.
 */
export function fieldValue(fields: FieldLines, name: string): string | undefined {
  const { names, values } = fields;
  let combined: string | undefined;
  for (let i = 0; i < names.length; i += 1) {
    if (names[i] !== name) continue;
    const value = cleanLine(values[i] ?? '');
    combined = combined === undefined ? value : `${combined}, ${value}`;
  }
  return combined;
}

/** Each line of field `name` (lower case) on its own, cleaned as in {@link fieldValue}. */
export function fieldLineValues(fields: FieldLines, name: string): string[] {
  return fields.values.filter((_, i) => fields.names[i] === name).map(cleanLine);
}

function cleanLine(value: string): string {
  if (!/^[ \t\r\n]|[ \t\r\n]$|[\r\n]/.test(value)) return value;
  return value.replace(/[ \t]*\r?\n[ \t]+/g, ' ').replace(/^[ \t]+|[ \t]+$/g, '');
}
