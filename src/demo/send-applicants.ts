import { createHash } from 'node:crypto';
import { z } from 'zod';
import { isoOf } from '../base/clock.ts';
import { mapBounded } from '../base/map-bounded.ts';
import type { RegisteredProduct } from '../registry/registry.ts';
import { toDecimal } from '../revenue/decimal-money.ts';
import { typedApplicant, wireApplicant } from './applicant-fields.ts';
import { type Errand, type PartnerId, PLATFORMS, type PlatformId, REFERRER, type Wish } from './cast-errands.ts';
import type { HttpExchange } from './http-exchange.ts';
import { LinkVisitor } from './link-visitor.ts';
import type { OperatorClient } from './operator-client.ts';
import type { PartnerClient } from './partner-client.ts';

/** Everybody who plays a part, each with connections of their own. */
export interface Players {
  readonly origin: string;
  readonly operator: OperatorClient;
  readonly platforms: Readonly<Record<PlatformId, PartnerClient>>;
  readonly visitors: HttpExchange;
}

/** An application that was answered with 201, or by the hosted page with its result. */
export interface Answered {
  readonly partnerId: PartnerId;
  readonly applicationId: string;
  /** As answered at once; null where only a page was shown. */
  readonly status: string | null;
}

export interface Sendings {
  readonly answered: readonly Answered[];
  /** Those of `answered` that raced for one person, together. */
  readonly rivals: readonly (readonly Answered[])[];
  readonly clicks: number;
  readonly prechecks: number;
  /** People whom a precheck kept from applying. */
  readonly heldBack: number;
}

/** Requests of all parties together that are on their way at once. */
export const AT_ONCE = 8;
/** Every so many visitors somebody else clicks and leaves, and somebody clicks twice. */
const PASSERS_BY_EVERY = 2;
const CLICKS_TWICE_EVERY = 5;

const applicationSchema = z.object({ id: z.string(), status: z.string() });
const precheckSchema = z.object({ id: z.string(), decision: z.enum(['accept', 'refuse']) });

type LinkErrand = Extract<Errand, { kind: 'link' }>;
type PlatformErrand = Extract<Errand, { kind: 'platform' }>;

/**
 * Sends everybody: clicks first; a minute later, since nobody fills in a form in no time, the applications.
 * @param tick called once an errand
 */
export async function sendApplicants(
  players: Players,
  errands: readonly Errand[],
  tick: () => void,
): Promise<Sendings> {
  const links = errands.filter((errand) => errand.kind === 'link');
  const { visitorOf, clicks } = await clickLinks(players, links);
  const nowMs = await players.operator.moveClock({ advance: '1m' });
  const perErrand = await mapBounded(errands, AT_ONCE, async (errand) => {
    const sent = await sendOne(players, errand, visitorOf, nowMs);
    tick();
    return sent;
  });
  const prechecks = errands.filter((errand) => errand.kind === 'platform' && errand.precheckFirst).length;
  const heldBack = perErrand.filter((sent) => sent.length === 0).length;
  const rivals = perErrand.filter((_, index) => errands[index]?.kind === 'rivals');
  return { answered: perErrand.flat(), rivals, clicks, prechecks, heldBack };
}

async function sendOne(
  { platforms }: Players,
  errand: Errand,
  visitorOf: ReadonlyMap<LinkErrand, LinkVisitor>,
  nowMs: number,
): Promise<Answered[]> {
  switch (errand.kind) {
    case 'link':
      return [await fillIn(visitorOf.get(errand), errand)];
    case 'rivals':
      // At the same instant, at both: exactly one of them gets the applicant. Each is a little ahead now and then.
      return Promise.all(raceOrder(errand).map((id) => submit(platforms[id], errand, nowMs)));
    case 'platform': {
      const client = platforms[errand.partnerId];
      if (!errand.precheckFirst) return [await submit(client, errand, nowMs)];
      const { id, decision } = await precheck(client, errand);
      return decision === 'accept' ? [await submit(client, errand, nowMs, id)] : [];
    }
  }
}

function raceOrder({ ref }: { readonly ref: string }): readonly PlatformId[] {
  return Number(ref) % 2 === 0 ? PLATFORMS : PLATFORMS.toReversed();
}

async function clickLinks({ origin, visitors }: Players, errands: readonly LinkErrand[]) {
  const visitorOf = new Map<LinkErrand, LinkVisitor>();
  const perErrand = await mapBounded([...errands.entries()], AT_ONCE, async ([index, errand]) => {
    const visitor = new LinkVisitor(origin, visitors, userAgentOf(2 * index));
    visitorOf.set(errand, visitor);
    await visitor.click(errand.code, `post-${1 + (index % 3)}`);
    const clicksTwice = index % CLICKS_TWICE_EVERY === 0;
    if (clicksTwice) await visitor.click(errand.code, 'again');
    const isPassedBy = index % PASSERS_BY_EVERY === 0;
    if (isPassedBy) await new LinkVisitor(origin, visitors, userAgentOf(2 * index + 1)).click(errand.code, 'passing');
    return 1 + Number(clicksTwice) + Number(isPassedBy);
  });
  return { visitorOf, clicks: perErrand.reduce((sum, count) => sum + count, 0) };
}

/** Everybody here has the same address: without a cookie, visitors are told apart by their browsers. */
function userAgentOf(index: number): string {
  const build = `${4_000 + Math.floor(index / 100)}.${index % 100}`;
  return `Mozilla/5.0 (Linux; Android 14; Demo) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.${build} Mobile Safari/537.36`;
}

async function fillIn(visitor: LinkVisitor | undefined, { wish }: LinkErrand): Promise<Answered> {
  if (visitor === undefined) throw new RangeError('every link errand has its visitor');
  const applicationId = await visitor.apply({
    ...typedApplicant(wish.product, wish.person),
    amount: toDecimal(BigInt(wish.amount), wish.product.currency),
    term: String(wish.term),
    purpose: wish.purpose,
  });
  return { partnerId: REFERRER, applicationId, status: null };
}

/** Asks by hashes, as platforms do before they may pass anything on. */
function precheck(client: PartnerClient, { wish, ref }: PlatformErrand) {
  const { phone, idNumber } = wish.person;
  const body = {
    product_id: wish.product.id,
    subject: { phone: { md5: md5(phone) }, id_number: { md5: md5(idNumber) } },
    partner_user_ref: `U-${ref}`,
  };
  return client.post('/v1/prechecks', body, precheckSchema);
}

async function submit(
  client: PartnerClient,
  { ref, wish }: { readonly ref: string; readonly wish: Wish },
  nowMs: number,
  precheckId?: string,
): Promise<Answered> {
  const { product, person, livesIn } = wish;
  const applicant = wireApplicant(product, person);
  const body = {
    partner_ref: `${client.id.toUpperCase()}-${ref}`,
    partner_user_ref: `U-${ref}`,
    product_id: product.id,
    ...(precheckId === undefined ? {} : { precheck_id: precheckId }),
    requested: requestedOf(wish),
    applicant:
      livesIn === undefined
        ? applicant
        : { ...applicant, residence: { ...(applicant.residence as object | undefined), region: livesIn } },
    consents: consentsOf(product, isoOf(nowMs)),
    sub_ids: { sub1: 'demo' },
  };
  const { id, status } = await client.post('/v1/applications', body, applicationSchema);
  return { partnerId: client.id, applicationId: id, status };
}

function requestedOf({ product, amount, term, purpose }: Wish) {
  return { amount: { amount, currency: product.currency }, term, term_unit: product.term.unit, purpose };
}

function consentsOf({ requirements, lender_id: lender, funders }: RegisteredProduct, acceptedAt: string) {
  return requirements.consents
    .filter(({ stage }) => stage === 'apply')
    .map(({ kind, document, version, text_sha256 }) => {
      return { kind, document, version, text_sha256, parties: [lender, ...funders], accepted_at: acceptedAt };
    });
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
