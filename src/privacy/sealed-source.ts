/** A sealed text that is under another key than the active one. */
export interface OutdatedText {
  /** What it was sealed for, as it was given then. */
  readonly aad: string;
  readonly sealed: string;
  /** Puts the new text in its place if it has not changed since. @returns whether it was put there */
  replace(next: string): Promise<boolean>;
}

/** A kind of place where sealed texts lie. Part by part it fits into little memory. */
export interface SealedSource {
  /** For messages, such as `applications`. */
  readonly name: string;
  readonly parts: number;
  /** How many texts of a part are under another key than this one. */
  countOutdated(part: number, activeId: string): Promise<number>;
  /** Those texts, in batches. */
  outdated(part: number, activeId: string): AsyncIterable<readonly OutdatedText[]>;
}
