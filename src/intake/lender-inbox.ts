import type { DraftEvent } from '../applications/context.ts';
import type { InboundLog } from '../applications/inbound/inbound-log.ts';
import { countInboxWrite, inboxWrites } from '../applications/lifecycle/dated.ts';
import type { ProductFacts } from '../applications/lifecycle/decision.ts';
import { eventOfHeld } from '../applications/lifecycle/held-event.ts';
import { nextSweepAt } from '../applications/lifecycle/sweep-application.ts';
import type { Application } from '../applications/model.ts';
import { productAsAccepted } from '../applications/product-as-accepted.ts';
import type { ApplicationStore, Change } from '../applications/store.ts';
import type { Clock } from '../base/clock.ts';
import type { Effect } from '../events/commit.ts';

/** What every use-case around lender events works with. */
export interface LenderEventDeps {
  readonly store: ApplicationStore;
  /** What the registry says of a product; undefined when it is no longer listed. */
  readonly products: (productId: string) => ProductFacts | undefined;
  readonly clock: Clock;
  /** Identities of an application's applicant in plain, to be kept out of texts; absent = only what looks like one is. */
  readonly identitiesOf?: (applicationId: string) => Promise<readonly string[]>;
  /** Where what came in is noted, for those who look for a fault. */
  readonly inbound?: Pick<InboundLog, 'note'>;
}

/** What a lender's event id was answered. */
export interface Remembered {
  /** SHA-256 over the event as it was sent. */
  readonly digest: string;
  readonly result: 'applied' | 'held' | 'rejected';
  /** Key that the request was signed with. */
  readonly key_id?: string;
  readonly code?: string;
  readonly loan_id?: string;
  readonly action_id?: string;
}

export type Memory = ReadonlyMap<string, Remembered>;

/**
 * What must lead to the application before the change that makes it known: a loan by its id and the lender's reference, an
 * action by its id.
 */
export type Binding =
  | { readonly kind: 'loan'; readonly id: string; readonly lenderRef: string }
  | { readonly kind: 'action'; readonly id: string };

export interface InboxDecision<Result> {
  readonly application: Application;
  readonly events: readonly DraftEvent[];
  /** Answers to be remembered from now on. */
  readonly remember: Memory;
  readonly bindings: readonly Binding[];
  readonly result: Result;
}

/** How an application is changed together with its inbox. */
export interface InboxChange<Result> {
  /** Inbox entries to read, beside those of the held events. */
  readonly eventIds: readonly string[];
  /** As of when it is decided, epoch ms: the next timer comes after it. */
  readonly nowMs: number;
  /** Pure; may be called several times. */
  readonly decide: (application: Application, memory: Memory) => InboxDecision<Result>;
  /** Runs before the change that makes ids and references known. */
  readonly bind?: (application: Application, bindings: readonly Binding[]) => Promise<void>;
  /** Sets the timer even when nothing else changes. */
  readonly alwaysSetTimer?: boolean;
}

/** Somebody else was first this often in a row: something is wrong beyond ordinary contention. */
const CONFLICT_LIMIT = 50;
/** What the rest of the world does not know of a product that was taken off the list: its applications live on. */
const UNLISTED = {
  apr_cap: '0.36',
  timezone: 'Asia/Shanghai',
  fpd_days: 30,
  refused_days: 30,
  cooling_off_days: 3,
} as const;

/** What events of an application are judged by: its product as it was offered, whatever has become of that since. */
export function factsOf(deps: LenderEventDeps, application: Application): ProductFacts {
  const product = productAsAccepted(application, deps.products(application.product_id));
  if (product) return product;
  const currency = application.credit?.currency ?? application.requested?.amount.currency ?? 'CNY';
  const unit = application.credit?.term_unit ?? application.requested?.term_unit ?? 'month';
  return { ...UNLISTED, currency, term: { unit } };
}

/** The timer that wakes an application up when time alone will change it; in the same step as the change. */
export function timerEffect(application: Application, nowMs: number, timezone: string): Effect {
  const member = `${application.id}|sweep`;
  const next = nextSweepAt(application, nowMs, timezone);
  return next === null ? { do: 'ZREM', key: 'timers', member } : { do: 'ZADD', key: 'timers', score: next, member };
}

/**
 * Changes an application together with its inbox. The inbox lies beside the document, so it is read after it; the number of
 * inbox writes in the document tells at the commit whether both are still what was read, else everything is done again.
 * @returns undefined when there is no such application
 */
export async function changeWithInbox<Result>(
  deps: LenderEventDeps,
  id: string,
  change: InboxChange<Result>,
): Promise<Result | undefined> {
  for (let attempt = 0; attempt < CONFLICT_LIMIT; attempt += 1) {
    const loaded = await deps.store.load(id);
    if (!loaded) return undefined;
    const memory = await readMemory(deps.store, loaded.application, change.eventIds);
    const first = change.decide(loaded.application, memory);
    if (isIdle(loaded.application, first) && !change.alwaysSetTimer) return first.result;
    await change.bind?.(loaded.application, first.bindings);
    const bound = new Set(first.bindings.map((binding) => binding.id));
    const changed = await deps.store.change<Result | Stale>(id, (application) => {
      if (inboxWrites(application) !== inboxWrites(loaded.application)) return STALE_CHANGE;
      const decision = change.decide(application, memory);
      if (decision.bindings.some((binding) => !bound.has(binding.id))) return STALE_CHANGE;
      return toChange(deps, application, decision, change);
    });
    if (!changed) return undefined;
    if (changed.result !== STALE) return changed.result as Result;
  }
  throw new Error(`the inbox of application ${id} changed ${CONFLICT_LIMIT} times while one change was tried`);
}

const STALE = Symbol('stale');
type Stale = typeof STALE;
const STALE_CHANGE = { events: [], result: STALE } as const;

function isIdle<Result>(before: Application, decision: InboxDecision<Result>): boolean {
  return decision.remember.size === 0 && decision.events.length === 0 && decision.application === before;
}

function toChange<Result>(
  deps: LenderEventDeps,
  before: Application,
  decision: InboxDecision<Result>,
  { nowMs, alwaysSetTimer }: InboxChange<Result>,
): Change<Result> {
  const { events, remember, result } = decision;
  const idle = isIdle(before, decision);
  if (idle && !alwaysSetTimer) return { events, result };
  const after = remember.size > 0 ? countInboxWrite(decision.application) : decision.application;
  const effects: Effect[] = [...remember].map(([field, answer]) => {
    return { do: 'HSET', key: 'inbox', field, value: JSON.stringify(answer) };
  });
  effects.push(timerEffect(after, nowMs, factsOf(deps, after).timezone));
  // What the lender has just sent; what time does is never kept off.
  const adds = !alwaysSetTimer;
  return { ...(idle ? {} : { application: after }), events, effects, adds, result };
}

async function readMemory(
  store: ApplicationStore,
  application: Application,
  eventIds: readonly string[],
): Promise<Memory> {
  const ids = [...new Set([...eventIds, ...application.held.map((held) => eventOfHeld(held).id)])];
  const values = await store.inbox(application.id, ids);
  return new Map(
    ids.flatMap((id, index) => {
      const value = values[index];
      return value ? [[id, JSON.parse(value) as Remembered] as const] : [];
    }),
  );
}
