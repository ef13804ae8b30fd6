import type { RegisteredProduct } from '../registry/registry.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';
import { type Decision, firstRefusal, refusal } from '../screening/decision.ts';
import { judgeDevice } from '../screening/device-rules.ts';
import { standingOnLists } from '../screening/list-standing.ts';
import { hitsOf } from '../screening/lists/hits/hits-of.ts';
import type { HitDraft } from '../screening/lists/hits/list-hit.ts';
import { judgeLists, type ListVerdict, type ListView } from '../screening/lists/judge-lists.ts';
import { usesCustomerList } from '../screening/live/live-mode.ts';
import { closedNow, ineligibleFor, isSoftRule, type RuledApplicant } from '../screening/product-rules.ts';
import { cappedNow } from './application-places.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { judgeClaims } from './judge-claims.ts';
import { listViewOf } from './list-view.ts';
import type { PersonFacts, PrecheckFacts } from './precheck-facts.ts';
import type { PrecheckInput } from './precheck-input.ts';

/** A question with what its answers rest on. */
export interface PrecheckCase {
  readonly partner: TrafficPartner;
  readonly input: PrecheckInput;
  readonly facts: PrecheckFacts;
}

const UNLISTED: ListVerdict = { blockedFunders: [], blocked: false, trusted: false, customer: null, annotations: [] };

/** May this subject apply for this product? Where several people may be meant, the most careful of their answers. */
export async function decideProduct(
  deps: IntakeDeps,
  asked: PrecheckCase,
  product: RegisteredProduct,
): Promise<Decision> {
  const [first, ...more] = asked.facts.people;
  let told = await decideFor(deps, asked, product, first);
  for (const person of more) told = moreCareful(told, await decideFor(deps, asked, product, person));
  return told;
}

/** The entries that had a part in an answer. */
export function hitsOfProduct(
  deps: Pick<IntakeDeps, 'registry'>,
  { partner, facts }: PrecheckCase,
  product: RegisteredProduct,
): readonly HitDraft[] {
  return facts.people.flatMap((person) => {
    if (person.entries.length === 0) return [];
    return hitsOf(person.entries, viewOf(deps, partner, facts, product, person), person.listTokens);
  });
}

async function decideFor(
  deps: IntakeDeps,
  { partner, input, facts }: PrecheckCase,
  product: RegisteredProduct,
  person: PersonFacts,
): Promise<Decision> {
  const { nowMs } = facts;
  const registry = deps.registry();
  const lender = registry.lenders.get(product.lender_id);
  const standing = {
    partnerActive: partner.status === 'active',
    lenderActive: lender?.status === 'active',
    paused: deps.pauses.stopOf(product.id, 'new', nowMs),
  };
  const verdict =
    person.entries.length === 0 ? UNLISTED : judgeLists(person.entries, viewOf(deps, partner, facts, product, person));
  const listed = standingOnLists(verdict, nowMs);
  const claimed = await judgeClaims(
    { registry, load: facts.load, partnerId: partner.id, nowMs, countUndecided: true },
    person.claims.get(product.lender_id) ?? [],
  );
  const customer = claimed.customer === 'returning' ? 'returning' : listed.customer;
  const worst = firstRefusal([
    closedNow(product, standing, nowMs),
    ineligibleFor(product, applicantOf(input), nowMs, verdict.trusted),
    sharesDevice(product, facts, verdict.trusted) ? refusal('ineligible', { detail: 'profile' }) : undefined,
    listed.blocked,
    // A lender that is asked live knows its customers better than our copy of them.
    lender === undefined || usesCustomerList(lender) ? listed.known : undefined,
    ...claimed.refusals,
    cappedNow(deps, partner, product, facts.full, nowMs),
  ]);
  // The partner's own open application is no refusal to a question: it says go on with it.
  if (worst?.reason === 'own') return { decision: 'accept', reason: 'own', customer };
  return worst ?? { decision: 'accept', reason: customer, customer };
}

function applicantOf({ subject: { facts }, residenceRegion, stated }: PrecheckInput): RuledApplicant {
  return {
    ...(facts ? { birthDate: facts.birthDate, region: facts.region } : {}),
    ...(residenceRegion ? { residenceRegion } : {}),
    ...(stated ? { stated } : {}),
  };
}

/** A question names a device or it does not; only what it names is judged. */
function sharesDevice(product: RegisteredProduct, { othersOnDevice }: PrecheckFacts, isTrusted: boolean): boolean {
  if (othersOnDevice === undefined || (isTrusted && isSoftRule(product, 'profile'))) return false;
  return judgeDevice(product.eligibility.device, { isIdentified: true, othersOnDevice }).isRefused;
}

function viewOf(
  { registry }: Pick<IntakeDeps, 'registry'>,
  { id: partnerId }: TrafficPartner,
  { nowMs }: PrecheckFacts,
  { funders, lender_id: lenderId }: RegisteredProduct,
  { listTokens }: PersonFacts,
): ListView {
  const idTokens = listTokens.filter(({ kind }) => kind === 'id_number');
  return listViewOf(registry(), { funders, lenderId, partnerId, idTokens, nowMs });
}

function moreCareful(one: Decision, other: Decision): Decision {
  if (one.decision === 'refuse') return other.decision === 'refuse' ? (firstRefusal([one, other]) ?? one) : one;
  return careOf(other) > careOf(one) ? other : one;
}

/** Of acceptances, the one that promises least. */
function careOf(decision: Decision): number {
  if (decision.decision === 'refuse') return 3;
  return decision.reason === 'own' ? 2 : Number(decision.reason === 'returning');
}
