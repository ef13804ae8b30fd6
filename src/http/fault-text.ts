const A_VOWEL = /^[aeiou]/;
const WHOLE = 'int';

type Rewrite = readonly [pattern: RegExp, words: (...groups: string[]) => string];

/** Default texts of the schema library, and how we say the same. */
const REWRITES: readonly Rewrite[] = [
  [/^Invalid input: expected (\w+), received (\w+)$/, mustBe],
  [/^Invalid input: expected (.+)$/, (wanted) => `must be ${wanted}`],
  [
    /^Invalid option: expected one of (.+)$/,
    (options) => `must be one of ${options.replaceAll('"', '').replaceAll('|', ', ')}`,
  ],
  [/^Too small: expected \w+ to have >=(\d+ \w+)$/, (least) => `must have at least ${counted(least)}`],
  [/^Too small: expected \w+ to be >=(\S+)$/, (least) => `must be at least ${least}`],
  [/^Too small: expected \w+ to be >(\S+)$/, (below) => `must be above ${below}`],
  [/^Too big: expected \w+ to have <=(\d+ \w+)$/, (most) => `must have at most ${counted(most)}`],
  [/^Too big: expected \w+ to be <=(\S+)$/, (most) => `must be at most ${most}`],
  [/^Too big: expected \w+ to be <(\S+)$/, (above) => `must be below ${above}`],
  [/^Invalid string: must match pattern (.+)$/, (pattern) => `must match ${pattern}`],
  [/^Invalid ([A-Za-z][\w -]*)$/, (form) => `is not a valid ${form}`],
];

/** What a schema says of a value, in words that go on from the name of the field; a text of our own stays as it is. */
export function faultText(message: string): string {
  for (const [pattern, words] of REWRITES) {
    const [, ...groups] = pattern.exec(message) ?? [];
    if (groups.length > 0) return words(...groups);
  }
  return message;
}

function mustBe(wanted: string, given: string): string {
  return wanted === WHOLE && given === 'number'
    ? 'must be a whole number'
    : `must be ${aKind(wanted)}, not ${aKind(given)}`;
}

/** `1 characters` → `1 character` */
function counted(text: string): string {
  return text.replace(/^1 (\w+)s$/, '1 $1');
}

function aKind(name: string): string {
  if (name === WHOLE) return 'a whole number';
  if (name === 'null' || name === 'undefined' || name === 'NaN') return name;
  return `${A_VOWEL.test(name) ? 'an' : 'a'} ${name}`;
}
