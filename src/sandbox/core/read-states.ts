import type { RefusedEvent, StoredBook } from '../sandbox-store.ts';
import { type BookState, stateOfBook } from '../story/state-of-book.ts';
import { transmissionsOf } from '../story/transmissions.ts';
import type { SandboxCoreDeps } from './core-reply.ts';

/** What the lender believes of one applicant, and how far the gateway has been told. */
export interface StateLine extends BookState {
  /** Transmissions that are due and were not answered. */
  readonly unsent: number;
  /** Events that the gateway refused for good, the newest twenty. */
  readonly refused: readonly RefusedEvent[];
}

export interface StateQuery {
  readonly applicationId?: string | undefined;
  /** Goes on after this application. */
  readonly after?: string | undefined;
  readonly limit?: string | undefined;
}

const LIMIT_DEFAULT = 200;
const LIMIT_MAX = 500;

/** Applicants in the order of their ids. @returns `next` = the `after` of the next page; null = that was all */
export async function readStates(
  deps: Pick<SandboxCoreDeps, 'store' | 'clock'>,
  { applicationId, after = '', limit }: StateQuery,
): Promise<{ readonly lines: readonly StateLine[]; readonly next: string | null }> {
  const count = Math.min(Math.max(Number.parseInt(limit ?? '', 10) || LIMIT_DEFAULT, 1), LIMIT_MAX);
  const ids = applicationId === undefined ? await deps.store.ids(after, count) : [applicationId];
  const nowMs = deps.clock.nowMs();
  const lines = await Promise.all(
    ids.map(async (id): Promise<StateLine[]> => {
      const [stored, refused] = await Promise.all([deps.store.read(id), deps.store.refused(id)]);
      return stored ? [lineOf(stored, refused, nowMs)] : [];
    }),
  );
  const isFull = applicationId === undefined && ids.length === count;
  return { lines: lines.flat(), next: isFull ? (ids.at(-1) ?? null) : null };
}

function lineOf({ book, sent, horizonMs }: StoredBook, refused: readonly RefusedEvent[], nowMs: number): StateLine {
  const asOfMs = Math.max(nowMs, horizonMs);
  const unsent = transmissionsOf(book).filter((one, at) => at >= sent && one.sendMs <= asOfMs).length;
  return { ...stateOfBook(book, asOfMs), unsent, refused };
}
