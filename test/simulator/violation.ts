import canonicalize from 'canonicalize';

/** Something that must hold and does not. */
export class Violation extends Error {
  override readonly name = 'Violation';
  /** Which of the invariants. */
  readonly invariant: string;

  constructor(invariant: string, detail: string) {
    super(`${invariant}: ${detail}`);
    this.invariant = invariant;
  }
}

/** @throws Violation unless both are the same as JSON; bigints count as numbers */
export function mustBe(invariant: string, what: string, found: unknown, expected: unknown): void {
  const [a, b] = [textOf(found), textOf(expected)];
  if (a !== b) throw new Violation(invariant, `${what} is ${a}, must be ${b}`);
}

export function must(invariant: string, holds: boolean, detail: string): void {
  if (!holds) throw new Violation(invariant, detail);
}

/** Keys in order: what stands first in an object says nothing. */
function textOf(value: unknown): string {
  const plain = JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? Number(part) : part));
  return plain === undefined ? 'undefined' : (canonicalize(JSON.parse(plain)) ?? '');
}
