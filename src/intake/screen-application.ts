import type { Annotation, Application } from '../applications/model.ts';
import { type Refusal, refusal } from '../screening/decision.ts';
import { judgeDevice } from '../screening/device-rules.ts';
import { standingOnLists } from '../screening/list-standing.ts';
import { hitsOf } from '../screening/lists/hits/hits-of.ts';
import { judgeLists, type ListAnnotation } from '../screening/lists/judge-lists.ts';
import { isSoftRule } from '../screening/product-rules.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { listViewOf } from './list-view.ts';
import { refusalByRules } from './rule-application.ts';
import { otherToken, personTokens, screenedTokens } from './screened-tokens.ts';

/** What lists, device and the rules that trust may pass say of an application. */
export interface Screening {
  /** `ineligible` or `blocked`: comes before whatever claims say. */
  readonly refusal: Refusal | undefined;
  /** What the lender already has with the applicant; to be weighed against what claims say. */
  readonly known: Refusal | undefined;
  readonly customer: 'new' | 'returning';
  /** Funders that may lend. */
  readonly funderIds: readonly string[];
  readonly trusted: boolean;
  readonly annotations: readonly Annotation[];
}

/**
 * Screens an application before anything is claimed for it, in one round of Redis unless an entry matches. It may be done
 * again, after a crash or beside another caller: nobody has been told anything before the application is finalised, and what
 * it writes (which entries matched, who is behind a mask) it writes once.
 */
export async function screenApplication(deps: IntakeDeps, application: Application): Promise<Screening> {
  const { subject } = application;
  const nowMs = deps.clock.nowMs();
  const tokens = screenedTokens(subject, deps.lists.parts.forms);
  const others = (kind: 'device_id' | 'ip'): Promise<number> | undefined => {
    const token = otherToken(subject, kind);
    return token === undefined ? undefined : deps.devices.others(token, subject.person, nowMs);
  };
  const [[entries = []], othersOnDevice, othersOnAddress] = await Promise.all([
    deps.lists.read([tokens]),
    others('device_id'),
    others('ip'),
    rememberMasked(deps, subject),
  ]);
  const registry = deps.registry();
  const product = registry.products.get(application.product_id);
  const view = listViewOf(registry, {
    funders: product?.funders ?? application.funder_ids,
    lenderId: application.lender_id,
    partnerId: application.owner_id,
    idTokens: tokens.filter(({ kind }) => kind === 'id_number'),
    nowMs,
  });
  const verdict = judgeLists(entries, view);
  // Kept before it is decided: a refusal can be asked about from its first moment.
  await deps.listHits.record({ applicationId: application.id }, hitsOf(entries, view, tokens));
  const listed = standingOnLists(verdict, nowMs);
  const isIdentified = otherToken(subject, 'device_id') !== undefined;
  const device = product && judgeDevice(product.eligibility.device, { isIdentified, othersOnDevice, othersOnAddress });
  const isExcused = product !== undefined && verdict.trusted && isSoftRule(product, 'profile');
  const byDevice = device?.isRefused && !isExcused ? refusal('ineligible', { detail: 'profile' }) : undefined;
  return {
    refusal: refusalByRules(application.ruled, verdict.trusted) ?? byDevice ?? listed.blocked,
    known: listed.known,
    customer: listed.customer,
    funderIds: view.funders.flatMap(({ id }) => (verdict.blockedFunders.includes(id) ? [] : [id])),
    trusted: verdict.trusted,
    annotations: [...noted(verdict.annotations), ...(device?.annotations ?? [])],
  };
}

/** Remembers under what a masked question finds the applicant; before the claim, which such a question must not miss. */
export async function rememberMasked(
  { maskedPeople, lists }: Pick<IntakeDeps, 'maskedPeople' | 'lists'>,
  subject: Application['subject'],
): Promise<void> {
  const masked = otherToken(subject, 'masked_person');
  if (masked !== undefined) await maskedPeople.remember(masked, personTokens(subject, lists.parts.forms));
}

/** Counts the applicant on device and address. */
export async function noteDevice({ devices, clock }: IntakeDeps, { subject }: Application): Promise<void> {
  const { person } = subject;
  if (person === null) return;
  const nowMs = clock.nowMs();
  const tokens = [otherToken(subject, 'device_id'), otherToken(subject, 'ip')].filter((token) => token !== undefined);
  await Promise.all(tokens.map((token) => devices.note(token, person, nowMs)));
}

/** As the lender may know it: not whose list it is. */
function noted(annotations: readonly ListAnnotation[]): Annotation[] {
  const byText = new Map<string, Annotation>();
  for (const { code, list, reason } of annotations) byText.set(`${code}|${list}|${reason}`, { code, list, reason });
  return [...byText.values()];
}
