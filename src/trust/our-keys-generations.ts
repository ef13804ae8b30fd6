/** One generation of our signing key, as it was made. Times in epoch milliseconds of real time. */
export interface KeyGeneration {
  /** 1 is the first; a number is never used again. */
  readonly generation: number;
  /** When its public half came into the key set; null = generation 1, which was there from the beginning. */
  readonly publishedAtMs: number | null;
  /** From here on it signs, until the next one does. */
  readonly signsFromMs: number;
  readonly reason: string | null;
  /** The operator who asked for it. */
  readonly rotatedBy: string | null;
}

/** `next` = published, and signs only after the overlap; `retired` = signs no longer, stays published. */
export type KeyStatus = 'next' | 'current' | 'retired';

export interface KeyStanding extends KeyGeneration {
  readonly status: KeyStatus;
  /** When the next generation began, or will begin, to sign; null = none was made yet. */
  readonly retiresAtMs: number | null;
}

/** In use while nobody has rotated, and when what was written about rotations is lost. */
export const FIRST_GENERATION: KeyGeneration = {
  generation: 1,
  publishedAtMs: null,
  signsFromMs: 0,
  reason: null,
  rotatedBy: null,
};

/** How long others may keep a copy of our key set: the `max-age` it is served with, seconds. */
export const KEY_SET_MAX_AGE_SECONDS = 600;
/** Twice what a copy may be old, so that nobody who keeps to the rules meets a key that he cannot know. */
export const DEFAULT_OVERLAP_MINUTES = 20;
/** Live: one minute more than a copy may be old, for clocks and for processes that hear of the rotation late. */
export const MIN_LIVE_OVERLAP_MINUTES = KEY_SET_MAX_AGE_SECONDS / 60 + 1;
export const MAX_OVERLAP_MINUTES = 7 * 24 * 60;
/**
 * Even without an overlap a new key signs only when every process has had the time to publish it: pub/sub tells them within
 * milliseconds.
 */
export const SHORTEST_OVERLAP_MS = 1_000;

/**
 * The generation that signs now: the newest whose time has come.
 * @param generations in the order in which they were made
 */
export function signingGeneration<G extends KeyGeneration>(generations: readonly G[], nowMs: number): G | undefined {
  for (let at = generations.length - 1; at >= 0; at -= 1) {
    const generation = generations[at];
    if (generation !== undefined && generation.signsFromMs <= nowMs) return generation;
  }
  return undefined;
}

/** Where each generation stands now, the newest first. */
export function keyStandings<G extends KeyGeneration>(
  generations: readonly G[],
  nowMs: number,
): readonly (G & KeyStanding)[] {
  const signing = signingGeneration(generations, nowMs)?.generation ?? 0;
  return generations
    .map((one, at): G & KeyStanding => {
      const status = one.generation === signing ? 'current' : one.generation > signing ? 'next' : 'retired';
      return { ...one, status, retiresAtMs: generations[at + 1]?.signsFromMs ?? null };
    })
    .reverse();
}

/** When a key that is published now may begin to sign. */
export function signsFrom(nowMs: number, overlapMinutes: number): number {
  return nowMs + Math.max(overlapMinutes * 60_000, SHORTEST_OVERLAP_MS);
}
