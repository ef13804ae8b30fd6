import { type Clock, MINUTE_MS } from '../../base/clock.ts';
import { ALL_SHARDS } from '../../base/ids.ts';
import { mapBounded } from '../../base/map-bounded.ts';
import { isUnavailable } from '../../redis/is-unavailable.ts';
import { type Looker, lookNowAndThen } from '../../redis/look-now-and-then.ts';
import type { Application } from '../model.ts';
import type { ApplicationStore } from '../store.ts';
import type { DocumentFiles } from './document-files.ts';
import type { DocumentRecords } from './document-records.ts';
import { removeDocument } from './remove-document.ts';

export interface DocumentSweeperDeps {
  readonly documents: DocumentRecords;
  readonly files: Pick<DocumentFiles, 'remove'>;
  readonly store: Pick<ApplicationStore, 'load'>;
  /** Business time. */
  readonly clock: Clock;
  /** Which of how many processes on this machine this one is: each looks at its share of the shards. */
  readonly share: { readonly index: number; readonly count: number };
  /** Told of a document that could not be judged or removed; it is looked at again. Redis being away is not reported. */
  readonly onError: (error: unknown) => void;
}

/** Ends what nobody uses any more, and finishes removals that were cut off. */
export interface DocumentSweeper extends Looker {
  /** Looks at everything whose time has come at `nowMs`, in all shards. @returns how many documents were removed */
  runDue(nowMs: number): Promise<number>;
}

const LOOK_EVERY_MS = MINUTE_MS;
const DUE_AT_ONCE = 100;
const SHARDS_AT_ONCE = 8;
/** Real time after which an application that is not there will not come: its caller died between claim and record. */
const ABANDONED_AFTER_MS = 10 * MINUTE_MS;

/** Several processes may run it: each step finds what another one has done. */
export function createDocumentSweeper(deps: DocumentSweeperDeps): DocumentSweeper {
  const { index, count } = deps.share;
  const ours = ALL_SHARDS.filter((shard) => shard % count === index - 1);
  return {
    runDue: (nowMs) => sweep(deps, ALL_SHARDS, nowMs),
    ...lookNowAndThen(() => sweep(deps, ours, deps.clock.nowMs()), LOOK_EVERY_MS, deps.onError),
  };
}

async function sweep(deps: DocumentSweeperDeps, shards: readonly number[], nowMs: number): Promise<number> {
  const counts = await mapBounded(shards, SHARDS_AT_ONCE, (shard) => sweepShard(deps, shard, nowMs));
  return counts.reduce((sum, count) => sum + count, 0);
}

async function sweepShard(deps: DocumentSweeperDeps, shard: number, nowMs: number): Promise<number> {
  let removed = 0;
  // What fails stays in front; it is passed over until the next look.
  let failed = 0;
  for (;;) {
    const due = await deps.documents.due(shard, nowMs, failed, DUE_AT_ONCE);
    if (due.length === 0) return removed;
    for (const id of due) {
      try {
        if (await judge(deps, id, nowMs)) removed += 1;
      } catch (error) {
        if (isUnavailable(error)) throw error;
        failed += 1;
        deps.onError(error);
      }
    }
  }
}

/** @returns whether it was removed */
async function judge(deps: DocumentSweeperDeps, id: string, nowMs: number): Promise<boolean> {
  const { documents } = deps;
  let look = await documents.look(id, nowMs);
  if (look === 'used') look = await documents.look(id, nowMs, await dropDeadUses(deps, id, nowMs));
  if (look !== 'remove') return false;
  await removeDocument(deps, id);
  return true;
}

/** Takes back the uses of applications that keep nothing any more. @returns how many uses are in order */
async function dropDeadUses({ documents, store }: DocumentSweeperDeps, id: string, nowMs: number): Promise<number> {
  let inOrder = 0;
  for (const { applicationId, sinceMs } of await documents.usesOf(id)) {
    const application = (await store.load(applicationId))?.application;
    if (application !== undefined && keepsItsDocuments(application)) {
      inOrder += 1;
    } else if (application !== undefined || Date.now() - sinceMs > ABANDONED_AFTER_MS) {
      await documents.dropUse(id, applicationId, 'expire', nowMs);
      await documents.unlist(applicationId, [id]);
    }
  }
  return inOrder;
}

function keepsItsDocuments({ status, erased_at: erasedAt }: Application): boolean {
  return status !== 'refused' && erasedAt === undefined;
}
