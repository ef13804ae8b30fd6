import { ApplicationFullError, RECORD_MAX_CHARACTERS } from '../applications/application-full-error.ts';
import type { DraftEvent } from '../applications/context.ts';
import type { Application } from '../applications/model.ts';
import type { SealedRecord } from '../applications/sealed-record.ts';
import type { Effect } from '../events/commit.ts';
import type { AccessPurpose } from '../identity/seal.ts';
import type { IntakeDeps } from './intake-deps.ts';

/** What a decision wants written of an application and its sealed record. What is absent stays as it is. */
export interface RecordChange<Result> {
  readonly application?: Application;
  readonly record?: SealedRecord;
  readonly events?: readonly DraftEvent[];
  readonly effects?: readonly Effect[];
  readonly result: Result;
}

/** Somebody else was first this often in a row: something is wrong beyond ordinary contention. */
const CONFLICT_LIMIT = 200;

const STALE = Symbol('stale');

/**
 * Changes an application together with its sealed record, in one step. The record lies beside the document, so it is read
 * after it; the count of its writings in the document tells at the commit whether both are still what was read, else
 * everything is done again.
 * @param why for what the record is opened
 * @param decide pure; may be called several times. `record` is undefined once it was erased: then none is written
 * @throws ApplicationFullError when more is added than fits; Error when there is no such application, or its record cannot be opened
 */
export async function changeRecord<Result>(
  deps: Pick<IntakeDeps, 'store' | 'sealer'>,
  applicationId: string,
  why: AccessPurpose,
  decide: (application: Application, record: SealedRecord | undefined) => RecordChange<Result>,
): Promise<{ readonly application: Application; readonly result: Result }> {
  for (let attempt = 0; attempt < CONFLICT_LIMIT; attempt += 1) {
    const loaded = await deps.store.load(applicationId);
    if (loaded === undefined) throw new Error(`application ${applicationId} is not there`);
    const { application: read } = loaded;
    const record = await openRecord(deps, read, why);
    const changed = await deps.store.change<Result | typeof STALE>(applicationId, (current) => {
      const isSame = current.record_writes === read.record_writes && current.erased_at === read.erased_at;
      if (!isSame) return { events: [], result: STALE };
      const { application, record: next, events = [], effects = [], result } = decide(current, record);
      const adds = application !== undefined;
      if (next === undefined || record === undefined) {
        return { ...(application ? { application } : {}), events, effects, adds, result };
      }
      const value = deps.sealer.seal(next, applicationId);
      if (value.length > RECORD_MAX_CHARACTERS) throw new ApplicationFullError(applicationId);
      return {
        adds,
        application: { ...(application ?? current), record_writes: (current.record_writes ?? 0) + 1 },
        events,
        effects: [...effects, { do: 'SET', key: 'sealed', value }],
        result,
      };
    });
    if (changed === undefined) throw new Error(`application ${applicationId} is not there`);
    const { result } = changed;
    if (result !== STALE) return { application: changed.application, result: result as Result };
  }
  throw new Error(`the record of ${applicationId} was written ${CONFLICT_LIMIT} times while one change was tried`);
}

async function openRecord(
  { store, sealer }: Pick<IntakeDeps, 'store' | 'sealer'>,
  { id: applicationId, owner_id: actor }: Application,
  why: AccessPurpose,
): Promise<SealedRecord | undefined> {
  const text = await store.sealed(applicationId);
  if (text === undefined) return undefined;
  const opened = sealer.openJson(text, applicationId, { purpose: why, applicationId, actor });
  if (!opened.ok) throw new Error(`sealed record of ${applicationId}: ${opened.message}`);
  return opened.plain as SealedRecord;
}
