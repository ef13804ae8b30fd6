import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { ApplicationFullError } from '../applications/application-full-error.ts';
import { HOLD_IS_FULL } from '../applications/lifecycle/apply-lender-event.ts';
import { isAboutLoan, type LenderEvent, parseLenderEvent } from '../applications/lifecycle/lender-event.ts';
import { withoutIdentities } from '../applications/without-identities.ts';
import { isId } from '../base/ids.ts';
import { answerLenderEvents, type IncomingEvent, type LenderEventResult } from './answer-lender-events.ts';
import { inboundRows } from './inbound-rows.ts';
import { EventIdNotes } from './lender-event-ids.ts';
import { type Binding, changeWithInbox, factsOf, type LenderEventDeps } from './lender-inbox.ts';

export type { LenderEventResult } from './answer-lender-events.ts';
export type { LenderEventDeps } from './lender-inbox.ts';

/** Most events of one request. */
export const LENDER_EVENTS_MAX = 500;
/** Applications of a batch that are worked on at the same time. */
const CONCURRENCY = 16;
/** Events of one application that are written in one step. */
const EVENTS_PER_COMMIT = 50;

/** An event with its place in the batch and the application that it is about. */
interface Placed extends IncomingEvent {
  readonly index: number;
  readonly applicationId: string;
}

/**
 * Takes in a lender's events: those of one application in the order given, applications side by side.
 * @param rawEvents as they came over the wire, at most 500
 * @param keyId key that the request was signed with, which is remembered as what vouches for them
 * @returns one answer an event, in the order given
 * @throws when Redis fails: what was written then is answered `duplicate` the next time
 */
export async function applyLenderEvents(
  deps: LenderEventDeps,
  lender: { readonly id: string },
  rawEvents: readonly unknown[],
  keyId?: string,
): Promise<LenderEventResult[]> {
  if (rawEvents.length > LENDER_EVENTS_MAX) throw new RangeError(`at most ${LENDER_EVENTS_MAX} events at once`);
  const results = new Array<LenderEventResult | undefined>(rawEvents.length);
  const notes = new EventIdNotes(deps.store, lender.id, Date.now());
  const found = await place(deps, lender.id, rawEvents, results);
  const noted = await noteIds(notes, found, results);
  const placed = keyId === undefined ? noted : noted.map((one) => ({ ...one, keyId }));
  const groups = groupByApplication(placed);
  await inParallel(groups, CONCURRENCY, async (group) => {
    await applyInChunks(deps, lender.id, group, results);
    await applyCrowdedOut(deps, lender.id, group, results);
    const answers = group.flatMap(({ index }) => results[index] ?? []);
    await notes.release(group, answers);
  });
  const answers = results.map(
    (result) => result ?? ({ id: null, result: 'rejected', code: 'schema_invalid' } as const),
  );
  const applicationIds = new Map(found.map(({ index, applicationId }) => [index, applicationId]));
  await deps.inbound?.note(lender.id, inboundRows(rawEvents, answers, applicationIds, deps.clock.nowMs()));
  return answers;
}

/** Leaves those whose id was used for another application out, answered. In the order given: the first one has it. */
async function noteIds(
  notes: EventIdNotes,
  placed: readonly Placed[],
  results: (LenderEventResult | undefined)[],
): Promise<Placed[]> {
  const answers = await Promise.all(placed.map((one) => notes.claim(one)));
  for (const [at, one] of placed.entries()) results[one.index] = answers[at];
  return placed.filter((_, at) => answers[at] === undefined);
}

async function applyInChunks(
  deps: LenderEventDeps,
  lenderId: string,
  events: readonly Placed[],
  results: (LenderEventResult | undefined)[],
): Promise<void> {
  for (let from = 0; from < events.length; from += EVENTS_PER_COMMIT) {
    const chunk = events.slice(from, from + EVENTS_PER_COMMIT);
    const answers = await applyWhatFits(deps, lenderId, chunk);
    for (const [at, one] of chunk.entries()) results[one.index] = answers[at];
  }
}

/**
 * Tries early events again for which there was no room, as they happened: what they need may have come behind them in the
 * same batch. As long as that makes room for others.
 */
async function applyCrowdedOut(
  deps: LenderEventDeps,
  lenderId: string,
  group: readonly Placed[],
  results: (LenderEventResult | undefined)[],
): Promise<void> {
  const crowdedOut = (): Placed[] => group.filter(({ index }) => results[index]?.detail === HOLD_IS_FULL);
  let open = crowdedOut().sort(({ event: one }, { event: other }) => (one.occurred_at < other.occurred_at ? -1 : 1));
  for (let before = Number.POSITIVE_INFINITY; open.length > 0 && open.length < before; ) {
    before = open.length;
    await applyInChunks(deps, lenderId, open, results);
    const still = new Set(crowdedOut());
    open = open.filter((one) => still.has(one));
  }
}

/** All at once; where that is more than the application may hold, one by one: small ones may fit still. */
async function applyWhatFits(
  deps: LenderEventDeps,
  lenderId: string,
  chunk: readonly Placed[],
): Promise<readonly LenderEventResult[]> {
  try {
    return await applyToApplication(deps, lenderId, chunk);
  } catch (error) {
    if (!(error instanceof ApplicationFullError)) throw error;
    const [only, second] = chunk;
    if (only !== undefined && second === undefined) {
      return [{ id: only.event.id, result: 'rejected', code: 'application_full', detail: error.message }];
    }
    const answers: LenderEventResult[] = [];
    for (const one of chunk) answers.push(...(await applyWhatFits(deps, lenderId, [one])));
    return answers;
  }
}

async function applyToApplication(
  deps: LenderEventDeps,
  lenderId: string,
  chunk: readonly Placed[],
): Promise<readonly LenderEventResult[]> {
  const [first] = chunk;
  if (!first) return [];
  const nowMs = deps.clock.nowMs();
  const incoming = await withoutTheApplicant(deps, lenderId, chunk);
  const answers = await changeWithInbox(deps, first.applicationId, {
    nowMs,
    eventIds: chunk.map((one) => one.event.id),
    decide: (application, memory) => {
      const facts = { nowMs, lenderId, product: factsOf(deps, application) };
      return answerLenderEvents(application, incoming, memory, facts);
    },
    bind: (application, bindings) => bindObjects(deps, lenderId, application.id, bindings),
  });
  return answers ?? chunk.map(({ event }) => unknownObject(event));
}

/** Messages to the applicant mostly begin with the name, and are kept in the open. */
async function withoutTheApplicant(
  { identitiesOf, store }: LenderEventDeps,
  lenderId: string,
  chunk: readonly Placed[],
): Promise<readonly Placed[]> {
  const speaks = ({ event }: Placed): boolean =>
    event.type === 'action.required' && event.data.message !== undefined && event.data.message !== '';
  const [spoken] = chunk.filter(speaks);
  if (identitiesOf === undefined || spoken === undefined) return chunk;
  const { applicationId } = spoken;
  // Nobody's record is opened for what will be refused.
  if ((await store.load(applicationId))?.application.lender_id !== lenderId) return chunk;
  const known = await identitiesOf(applicationId);
  return chunk.map((one) => {
    const { event } = one;
    if (event.type !== 'action.required' || event.data.message === undefined) return one;
    const message = withoutIdentities(event.data.message, known);
    return { ...one, event: { ...event, data: { ...event.data, message } } };
  });
}

/** The lender, or the partner, may name it in the very next request, so it leads to the application before it is written. */
async function bindObjects(
  deps: LenderEventDeps,
  lenderId: string,
  applicationId: string,
  bindings: readonly Binding[],
): Promise<void> {
  const writes = bindings.flatMap((binding) => {
    const { id } = binding;
    if (binding.kind === 'action') return [deps.store.bindObject(id, applicationId)];
    return [deps.store.bindLoan(id, applicationId), deps.store.bindReference(lenderId, binding.lenderRef, id)];
  });
  await Promise.all(writes);
}

/** Checks the events and finds their applications; what fails is answered in `results` right away. */
async function place(
  deps: LenderEventDeps,
  lenderId: string,
  rawEvents: readonly unknown[],
  results: (LenderEventResult | undefined)[],
): Promise<Placed[]> {
  const found = await Promise.all(
    rawEvents.map(async (raw, index) => {
      const parsed = parseLenderEvent(raw);
      if (parsed.ok) return findObject(deps, lenderId, parsed.event);
      results[index] = { id: idOf(raw), result: 'rejected', code: 'schema_invalid', detail: parsed.detail };
      return undefined;
    }),
  );
  const opened = openedLoans(found);
  return found.flatMap((one, index): Placed[] => {
    if (!one) return [];
    const application_id = one.applicationId ?? opened.get(one.event.lender_ref ?? '');
    if (application_id === undefined) {
      results[index] = unknownObject(one.event);
      return [];
    }
    // With its application named, it may wait for the event that opens its loan.
    const event = one.applicationId === undefined ? { ...one.event, application_id } : one.event;
    return [{ index, event, applicationId: application_id, digest: digestOf(rawEvents[index]) }];
  });
}

/** A loan that an event of this batch opens, before or behind the others, has no reference yet when the batch is read. */
function openedLoans(found: readonly (Found | undefined)[]): ReadonlyMap<string, string> {
  const opened = new Map<string, string>();
  for (const { event, applicationId } of found.filter((one) => one !== undefined)) {
    if (event.type === 'loan.requested' && applicationId !== undefined)
      opened.set(event.data.lender_ref, applicationId);
  }
  return opened;
}

interface Found {
  /** With the id of its loan, where the lender's reference led to one. */
  readonly event: LenderEvent;
  readonly applicationId: string | undefined;
}

/**
 * A loan's reference is looked up even when the application is named: it is bound to the loan a moment before the loan
 * itself carries it.
 */
async function findObject(deps: LenderEventDeps, lenderId: string, event: LenderEvent): Promise<Found> {
  const { application_id, loan_id, lender_ref } = event;
  const referred =
    lender_ref !== undefined && loan_id === undefined && (application_id === undefined || isAboutLoan(event))
      ? await deps.store.findReference(lenderId, lender_ref)
      : undefined;
  const loanId = loan_id ?? (referred !== undefined && isId('loan', referred) ? referred : undefined);
  const known: LenderEvent = isAboutLoan(event) && loanId !== undefined ? { ...event, loan_id: loanId } : event;
  if (application_id !== undefined) {
    return { event: known, applicationId: isId('app', application_id) ? application_id : undefined };
  }
  if (loanId === undefined) {
    return { event, applicationId: referred !== undefined && isId('app', referred) ? referred : undefined };
  }
  const applicationId = isId('loan', loanId) ? await deps.store.applicationOfLoan(loanId) : undefined;
  return { event: known, applicationId };
}

function unknownObject(event: LenderEvent): LenderEventResult {
  return isAboutLoan(event)
    ? { id: event.id, result: 'rejected', code: 'unknown_loan', detail: 'no loan is known by this id or reference' }
    : {
        id: event.id,
        result: 'rejected',
        code: 'unknown_application',
        detail: 'no application is known by this id or reference',
      };
}

/** RFC 8785: the same event again has the same digest, whatever the order of its fields. */
function digestOf(raw: unknown): string {
  return createHash('sha256')
    .update(canonicalize(raw) ?? '')
    .digest('base64url');
}

function idOf(raw: unknown): string | null {
  return typeof raw === 'object' && raw !== null && 'id' in raw && typeof raw.id === 'string' ? raw.id : null;
}

function groupByApplication(placed: readonly Placed[]): Placed[][] {
  const groups = new Map<string, Placed[]>();
  for (const one of placed) {
    const group = groups.get(one.applicationId);
    if (group) group.push(one);
    else groups.set(one.applicationId, [one]);
  }
  return [...groups.values()];
}

async function inParallel<Item>(
  items: readonly Item[],
  limit: number,
  work: (item: Item) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const worker = async (): Promise<void> => {
    for (const item of queue) await work(item);
  };
  await Promise.all(Array.from({ length: Math.min(limit, items.length) }, worker));
}
