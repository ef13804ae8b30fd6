import type { Opened } from '../identity/seal.ts';

/** A sealed text that is under another key than the active one. */
export interface OutdatedText {
  /** What it was sealed for, as it was given then. */
  readonly aad: string;
  readonly sealed: string;
  /** Puts the new text in its place if it has not changed since. @returns whether it was put there */
  replace(next: string): Promise<boolean>;
}

/** A sealed file that is under another key than the active one; too large to be passed about. */
export interface OutdatedFile {
  /** Seals it anew in its place. @returns whether it was there still */
  reseal(): Promise<Opened<boolean>>;
}

/** A kind of place where sealed things lie, texts mostly. Part by part it fits into little memory. */
export interface SealedSource<Outdated extends OutdatedText | OutdatedFile = OutdatedText> {
  /** For messages, such as `applications`. */
  readonly name: string;
  readonly parts: number;
  /** How many of a part are under another key than this one. */
  countOutdated(part: number, activeId: string): Promise<number>;
  /** Those, in batches. */
  outdated(part: number, activeId: string): AsyncIterable<readonly Outdated[]>;
}
