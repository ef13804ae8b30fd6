import type { Application, Versioned } from '../applications/model.ts';
import type { ApplicationStore } from '../applications/store.ts';
import type { ClickStore } from '../attribution/clicks/click-store.ts';
import type { HandoffStore } from '../attribution/handoffs/handoff-store.ts';
import type { Registration, RegistrationStore } from '../attribution/registration-store.ts';
import { ALL_TOUCHES, type BoundTouch, type TouchStore } from '../attribution/touch-store.ts';
import type { Clock } from '../base/clock.ts';
import { isId } from '../base/ids.ts';
import { mapBounded } from '../base/map-bounded.ts';
import type { Sealer } from '../identity/seal.ts';
import type { Tokenizer } from '../identity/token.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import type { Registry } from '../registry/registry.ts';
import type { ClaimStore } from '../screening/claim-store.ts';
import type { ApplicationEraser } from './application-eraser.ts';
import type { PersonalStore } from './personal-store.ts';
import type { RetentionStore } from './retention-store.ts';
import type { SubjectIndex } from './subject-index.ts';
import type { LookupKind, WantedSubject } from './wanted-subject.ts';

/** What the questions about a person are answered from. */
export interface SubjectDesk {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  readonly registry: () => Registry;
  readonly store: ApplicationStore;
  readonly registrations: RegistrationStore;
  readonly claims: ClaimStore;
  readonly touches: TouchStore;
  readonly clicks: ClickStore;
  readonly handoffs: Pick<HandoffStore, 'load' | 'forget'>;
  readonly index: SubjectIndex;
  readonly retention: RetentionStore;
  readonly eraser: ApplicationEraser;
  readonly others: readonly PersonalStore[];
  readonly tokenizer: Tokenizer;
  readonly sealer: Pick<Sealer, 'openJson'>;
  readonly clock: Clock;
  /** Whether business time is real time: then a log need not be read from its beginning. */
  readonly isRealTime: boolean;
}

export interface FoundApplication extends Versioned {
  /** Identifiers that lead to it. */
  readonly matched: readonly LookupKind[];
}

export interface FoundRegistration {
  readonly registration: Registration;
  readonly matched: readonly LookupKind[];
}

/** Everything that the given identifiers lead to, newest first. */
export interface FoundSubject {
  readonly applications: readonly FoundApplication[];
  readonly registrations: readonly FoundRegistration[];
}

const AT_ONCE = 32;

/**
 * Applications and registrations of a person.
 * @param match `any`: whatever one of the identifiers leads to. `all`: only what every one of them leads to, so that a
 * number which somebody else has had before shows nobody else's data
 */
export async function findSubject(
  desk: Pick<SubjectDesk, 'index' | 'store' | 'registrations'>,
  wanted: WantedSubject,
  match: 'any' | 'all',
): Promise<FoundSubject> {
  const matches = new Map<string, LookupKind[]>();
  for (const { kind, tokens } of wanted.given) {
    for (const id of await desk.index.find(tokens)) matches.set(id, [...(matches.get(id) ?? []), kind]);
  }
  const enough = match === 'any' ? 1 : wanted.given.length;
  const ids = [...matches].filter(([, kinds]) => kinds.length >= enough);
  const applications = await mapBounded(ids, AT_ONCE, async ([id, matched]) => {
    const found = isId('app', id) ? await desk.store.load(id) : undefined;
    return found === undefined ? [] : [{ ...found, matched }];
  });
  const registrations = await mapBounded(ids, AT_ONCE, async ([id, matched]) => {
    const registration = isId('reg', id) ? await desk.registrations.load(id) : undefined;
    return registration === undefined ? [] : [{ registration, matched }];
  });
  const newest = (a: string, b: string): number => (a === b ? 0 : a < b ? 1 : -1);
  return {
    applications: applications
      .flat()
      .sort(
        (a, b) =>
          newest(a.application.created_at, b.application.created_at) || newest(a.application.id, b.application.id),
      ),
    registrations: registrations.flat().sort((a, b) => newest(a.registration.created_at, b.registration.created_at)),
  };
}

/**
 * Touches of a person: only those that every given identifier leads to, so that somebody who has the same phone keeps theirs,
 * and the clicks of what was found.
 */
export async function touchesOfSubject(
  { touches }: Pick<SubjectDesk, 'touches'>,
  wanted: WantedSubject,
  found: FoundSubject,
): Promise<BoundTouch[]> {
  const lists = await Promise.all(wanted.given.map(({ tokens }) => touches.touchesOf(tokens, ALL_TOUCHES)));
  const sets = lists.map((list) => new Set(list.map(({ id }) => id)));
  const named = new Set(found.applications.map(({ application }) => application.click_id));
  const all = new Map(lists.flat().map((touch) => [touch.id, touch]));
  return [...all.values()]
    .filter(({ id }) => named.has(id) || sets.every((ids) => ids.has(id)))
    .sort((a, b) => b.at_ms - a.at_ms || (a.id < b.id ? -1 : 1));
}

/** Every token that the person is known by: those asked for, and those of what was found. */
export function tokensOf(wanted: WantedSubject, found: FoundSubject): string[] {
  const ofApplications = found.applications.flatMap(({ application: { subject } }) => [
    ...subject.claims,
    ...subject.pointers,
  ]);
  const ofRegistrations = found.registrations.flatMap(({ registration }) => registration.tokens);
  return [...new Set([...wanted.tokens, ...ofApplications, ...ofRegistrations])];
}

/** One lender where the person is claimed. */
export interface HeldClaim {
  readonly lenderId: string;
  readonly application: Application;
}

/** One lender where the person is reserved. */
export interface HeldReservation {
  readonly lenderId: string;
  readonly partnerId: string;
  readonly precheckId: string;
  readonly untilMs: number;
  /** Those of the tokens that it lies under. */
  readonly tokens: readonly string[];
}

/** Whether every given identifier leads to what lies under these tokens. */
export function isLedTo(wanted: WantedSubject, tokens: readonly string[]): boolean {
  return wanted.given.every((one) => one.tokens.some((token) => tokens.includes(token)));
}

/** Claims and reservations of the person at every lender, each once. */
export async function claimsOf(
  desk: Pick<SubjectDesk, 'registry' | 'claims' | 'store' | 'clock'>,
  tokens: readonly string[],
): Promise<{ claims: readonly HeldClaim[]; reservations: readonly HeldReservation[] }> {
  const lenders = [...desk.registry().lenders.keys()];
  const claims = new Map<string, HeldClaim>();
  const reservations = new Map<string, HeldReservation>();
  await Promise.all(
    lenders.map(async (lenderId) => {
      for (const { token, ownerId, hold } of await desk.claims.read(lenderId, tokens)) {
        if (hold !== null && hold.until_ms > desk.clock.nowMs()) {
          const { precheck_id: precheckId, partner_id: partnerId, until_ms: untilMs } = hold;
          const key = `${lenderId} ${precheckId}`;
          const under = [...(reservations.get(key)?.tokens ?? []), token];
          reservations.set(key, { lenderId, partnerId, precheckId, untilMs, tokens: under });
        }
        if (ownerId === null || claims.has(`${lenderId} ${ownerId}`)) continue;
        const owner = await desk.store.load(ownerId);
        if (owner) claims.set(`${lenderId} ${ownerId}`, { lenderId, application: owner.application });
      }
    }),
  );
  return { claims: [...claims.values()], reservations: [...reservations.values()] };
}
