import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Application } from '../applications/model.ts';
import { isRevolving } from '../applications/product-as-accepted.ts';
import { SECOND_MS } from '../base/clock.ts';
import { firstRefusal, type Refusal, refusal } from '../screening/decision.ts';
import { type Standing, standingOf } from '../screening/standing.ts';
import { givePlacesBack, takePlaces } from './application-places.ts';
import {
  acceptedEffects,
  received,
  receivedEvent,
  refused,
  refusedEvent,
  withScreening,
} from './decided-application.ts';
import { endReservation } from './end-reservation.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { judgeClaims } from './judge-claims.ts';
import { isReservationMade } from './reserve-accepted.ts';
import { noteDevice, type Screening, screenApplication } from './screen-application.ts';
import { type OwnChecks, refusalByVerifications, settleChecks } from './verify-submission.ts';

/** A claim whose owner is undecided is asked about again this often … */
const ASK_AGAIN_MS = 20;
/** … after this long its owner's caller has probably died, and we finish the owner's steps ourselves … */
const HELP_AFTER_MS = 1_500;
/** … and after this long the caller is told to come back: the recovery will have finished it by then. */
const GIVE_UP_AFTER_MS = 8_000;

/** A reservation that is still being made after this long was left by a crash: it ends by time. */
const HALF_MADE_MS = 500;

/** The claim steps did not end in time. Nothing is lost: they go on in the background; the same request asks again. */
export class IntentUndecidedError extends Error {
  override readonly name = 'IntentUndecidedError';
}

/**
 * Takes an application from `screening` to `received` or `refused`: asks the lists, has the person checked, claims its tokens
 * in order, takes its places under the daily caps, then finalises, then gives claims and places of a refused one back. Every
 * step is idempotent and in one slot, so this may be run again by anybody, after a crash or beside a live caller.
 * @param checks what this caller, who has created the application, has to have checked
 * @returns the application as it stands then
 */
export async function driveIntent(deps: IntakeDeps, applicationId: string, checks?: OwnChecks): Promise<Application> {
  const application = await drive(deps, applicationId, Date.now(), checks);
  // An accepted one was taken off with its last step.
  if (application.status === 'refused') await unlist(deps, applicationId, applicationId);
  return application;
}

/**
 * The same beside the caller who has begun it. Each is listed by itself until it is done, because whoever is done first takes
 * back what was claimed by then: one that goes on after that, and dies, would leave a claim that nobody looks for.
 * @param startedMs real time since when the answer is waited for
 */
export async function joinIntent(
  deps: IntakeDeps,
  applicationId: string,
  startedMs = Date.now(),
): Promise<Application> {
  const member = memberOf(applicationId, randomUUID());
  const listed = { do: 'ZADD', key: 'intents', score: Date.now(), member } as const;
  const joined = await deps.store.change(applicationId, ({ status }) => {
    const isOpen = status === 'screening';
    return { events: [], effects: isOpen ? [listed] : [], result: isOpen };
  });
  const application = await drive(deps, applicationId, startedMs);
  if (joined?.result) await unlist(deps, applicationId, member);
  return application;
}

async function drive(
  deps: IntakeDeps,
  applicationId: string,
  startedMs: number,
  checks?: OwnChecks,
): Promise<Application> {
  const loaded = await deps.store.load(applicationId);
  if (!loaded) throw new Error(`application ${applicationId} is not there`);
  let { application } = loaded;
  if (application.status === 'screening') {
    const screening = await screenApplication(deps, application);
    // Before anything is claimed, so that a slow check keeps nobody else out; nobody is checked who is refused already.
    if (!screening.refusal) application = await settleChecks(deps, application, checks);
    const claimed = await claimUnlessRefused(deps, application, screening, startedMs);
    // The last of all reasons: what is refused for another one takes no place.
    const capped = claimed.refusal ? undefined : await takePlaces(deps, application);
    const outcome = { ...claimed, ...(capped ? { refusal: capped } : {}), screening };
    [application] = await Promise.all([
      finalise(deps, applicationId, outcome),
      outcome.refusal ? undefined : noteDevice(deps, application),
    ]);
    await endReservation(deps, application);
  }
  if (application.status === 'refused') await releaseAll(deps, application);
  return application;
}

interface Claimed {
  readonly refusal?: Refusal;
  /** A settled customer of this lender came back. */
  readonly customer: 'new' | 'returning';
}

interface Outcome extends Claimed {
  readonly screening: Screening;
}

/** Claims the applicant, or finds the reason that is told: of all that claims and the lender's own list say, the first. */
async function claimUnlessRefused(
  deps: IntakeDeps,
  application: Application,
  screening: Screening,
  startedMs: number,
): Promise<Claimed> {
  const { known, customer } = screening;
  const required = requiredVerifications(deps, application);
  const decided = screening.refusal ?? refusalByVerifications(required, application.verifications);
  if (decided) return { refusal: decided, customer };
  const claimed: Claimed = known ? { refusal: known, customer } : await claimAll(deps, application, startedMs);
  if (claimed.refusal === undefined) {
    return claimed.customer === 'returning' ? claimed : { ...claimed, customer };
  }
  return { refusal: await worstOf(deps, application, claimed.refusal), customer };
}

/** A refusal, or what comes before it among the claims on the applicant's other tokens, as far as they are decided. */
async function worstOf(deps: IntakeDeps, application: Application, found: Refusal): Promise<Refusal> {
  const { id: applicationId, lender_id: lenderId, owner_id: partnerId, subject } = application;
  const readings = await deps.claims.read(lenderId, [...subject.claims, ...subject.pointers]);
  const { refusals } = await judgeClaims(
    {
      registry: deps.registry(),
      load: (id) => deps.store.load(id),
      partnerId,
      applicationId,
      nowMs: deps.clock.nowMs(),
      countUndecided: false,
    },
    readings,
  );
  return firstRefusal([found, ...refusals.map(asApplication)]) ?? found;
}

async function claimAll(deps: IntakeDeps, application: Application, startedMs: number): Promise<Claimed> {
  let customer: 'new' | 'returning' = 'new';
  const step = async (token: string): Promise<Refusal | undefined> => {
    const answer = await claimOne(deps, application, token, startedMs);
    if (answer.refusal) return answer.refusal;
    if (answer.customer === 'returning') customer = 'returning';
    return undefined;
  };
  for (const token of application.subject.claims) {
    const refused = await step(token);
    if (refused) return { refusal: refused, customer };
  }
  // Whoever holds the deciding tokens meets others here only through hash-only reservations and reports.
  const refusals = await Promise.all(application.subject.pointers.map(step));
  const refused = refusals.find((one) => one !== undefined);
  return refused ? { refusal: refused, customer } : { customer };
}

async function claimOne(
  deps: IntakeDeps,
  application: Application,
  token: string,
  startedMs: number,
): Promise<Partial<Claimed>> {
  const { id, lender_id: lenderId, owner_id: partnerId } = application;
  let replaces: string | undefined;
  let heldSinceMs: number | undefined;
  for (;;) {
    const nowMs = deps.clock.nowMs();
    const request = { applicationId: id, partnerId, ...(replaces === undefined ? {} : { replaces }), nowMs };
    const answer = await deps.claims.take(lenderId, token, request);
    if (answer.kind === 'held') {
      heldSinceMs ??= Date.now();
      const isMade = Date.now() - heldSinceMs > HALF_MADE_MS || (await isReservationMade(deps, lenderId, token));
      if (isMade) return { refusal: refusal('other_channel', { retryAtMs: answer.untilMs }) };
      await delay(ASK_AGAIN_MS);
      continue;
    }
    const ownerId = answer.kind === 'taken' ? answer.endedOwnerId : answer.ownerId;
    const owner = ownerId === null ? undefined : (await deps.store.load(ownerId))?.application;
    const standing = standingOfOwner(deps, owner, partnerId, nowMs);
    // Asked of the ended owner also when the claim was ours already: a caller before us may have died with the answer.
    if (answer.kind === 'taken') return { customer: standing.kind === 'free' ? standing.customer : 'new' };
    if (standing.kind === 'taken') return { refusal: asApplication(standing.refusal) };
    if (standing.kind === 'undecided') await waitForOwner(deps, answer.ownerId, startedMs);
    // What a refused one has not given back yet may belong to somebody before it.
    else if (owner?.status === 'refused') await deps.claims.release(lenderId, token, answer.ownerId);
    else replaces = answer.ownerId;
  }
}

/** An erased owner leaves a claim without anybody behind it. */
function standingOfOwner(
  deps: IntakeDeps,
  owner: Application | undefined,
  partnerId: string | null,
  nowMs: number,
): Standing {
  if (owner === undefined) return { kind: 'free', customer: 'new' };
  const revolving = isRevolving(owner, deps.registry().products.get(owner.product_id));
  return standingOf(owner, partnerId, revolving, nowMs);
}

/** To a question the partner's own undecided application reads `in_progress`; to a second application it is `own`. */
function asApplication(why: Refusal): Refusal {
  return why.reason === 'in_progress' && why.existingApplicationId !== null ? { ...why, reason: 'own' } : why;
}

async function waitForOwner(deps: IntakeDeps, ownerId: string, startedMs: number): Promise<void> {
  const waitedMs = Date.now() - startedMs;
  if (waitedMs > GIVE_UP_AFTER_MS) throw new IntentUndecidedError('another application of this subject is undecided');
  if (waitedMs > HELP_AFTER_MS) await joinIntent(deps, ownerId, startedMs);
  else await delay(ASK_AGAIN_MS);
}

async function finalise(deps: IntakeDeps, applicationId: string, outcome: Outcome): Promise<Application> {
  const changed = await deps.store.change(applicationId, (application) => {
    if (application.status !== 'screening') return { events: [], result: null };
    const nowMs = deps.clock.nowMs();
    const screened = withScreening(application, outcome.screening, requiredVerifications(deps, application));
    const next = outcome.refusal
      ? refused(screened, outcome.refusal)
      : received(deps.registry(), screened, outcome.customer, nowMs);
    const event = outcome.refusal ? refusedEvent(next, nowMs) : receivedEvent(next, nowMs);
    // A refused one stays listed until its claims are back.
    const effects = outcome.refusal ? [] : acceptedEffects(next, deps.realClock.nowMs());
    return { application: next, events: [event], effects, result: null };
  });
  if (!changed) throw new Error(`application ${applicationId} is not there`);
  return changed.application;
}

function requiredVerifications({ registry }: IntakeDeps, { product_id: id }: Application): readonly string[] {
  return registry().products.get(id)?.requirements.verifications ?? [];
}

/** Gives every claim and place of a refused application back. */
async function releaseAll(deps: IntakeDeps, application: Application): Promise<void> {
  const { claims, pointers } = application.subject;
  await Promise.all([
    ...[...claims, ...pointers].map((token) => deps.claims.release(application.lender_id, token, application.id)),
    givePlacesBack(deps, application),
  ]);
}

async function unlist(deps: IntakeDeps, applicationId: string, member: string): Promise<void> {
  await deps.store.change(applicationId, () => ({
    events: [],
    effects: [{ do: 'ZREM', key: 'intents', member }],
    result: null,
  }));
}

/** Who has begun an intent is listed by its id alone. */
function memberOf(applicationId: string, joiner: string): string {
  return `${applicationId}|${joiner}`;
}

/** The application that somebody on the list of unfinished intents is at. */
export function applicationOfMember(member: string): string {
  return member.split('|', 1)[0] ?? member;
}

/** Intents older than this have lost their caller. */
export const ABANDONED_AFTER_MS = 3 * SECOND_MS;
