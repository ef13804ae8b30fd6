import { z } from 'zod';
import type { Person } from '../demo/people.ts';
import type { SeenAction, SeenApplication } from './compare-state.ts';
import type { Deed } from './story.ts';
import { applicantFields, uploadDocuments, verificationsOf } from './trial-applicant.ts';
import type { PartnerAnswer } from './trial-gateway.ts';
import { consentsFor } from './trial-product.ts';
import type { Finding, TrialSetting } from './trial-setting.ts';

/** Somebody of a trial, with what is known of them. */
export interface Actor {
  readonly key: string;
  readonly person: Person;
  readonly seen: SeenApplication;
}

/** The code that the sandbox set agrees on, and one that is not it. */
const CODE = '000000';
const WRONG_CODE = '999999';

type Act = (setting: TrialSetting, actor: Actor) => Promise<Finding | null>;

const ACTS: Readonly<Record<Deed, Act>> = {
  supplement: giveSupplement,
  card: bindCard,
  draw: drawDown,
  otp: giveCode,
  repay: repayAll,
  cancel: cancelApplication,
};

/** Does something in an applicant's place. @returns what is wrong with how it was answered; null = nothing */
export function perform(deed: Deed, setting: TrialSetting, actor: Actor): Promise<Finding | null> {
  return ACTS[deed](setting, actor);
}

/** Ends an application. */
export async function cancelApplication({ partner }: TrialSetting, { seen }: Actor): Promise<Finding | null> {
  const answer = await partner.post(`/v1/applications/${seen.id}/cancel`, { reason: 'trial' });
  const fix = 'Answer POST /cancellations with accepted; refuse it only once money is out.';
  return judge('cancelling', answer, [200, 202], fix);
}

async function giveSupplement({ partner, acceptedAt, mark }: TrialSetting, actor: Actor): Promise<Finding | null> {
  const { seen, person, key } = actor;
  const { fields = [], documents = [], verifications = [] } = seen.next_action ?? {};
  const papers = {
    ...(fields.length === 0 ? {} : { applicant: applicantFields(person, fields) }),
    ...(documents.length === 0 ? {} : { documents: await uploadDocuments(partner, documents, `${mark} ${key}`) }),
    ...(verifications.length === 0 ? {} : { verifications: verificationsOf(verifications, acceptedAt) }),
  };
  if (Object.keys(papers).length === 0) {
    const fix = 'Name in action.required which fields, documents or verifications are needed.';
    return { found: 'more is asked for, and not what', fix };
  }
  const answer = await partner.post(`/v1/applications/${seen.id}/supplements`, papers);
  return judge('a supplement', answer, [200, 202], 'Answer POST /supplements with accepted.');
}

const cardSchema = z.object({ next_action: z.object({ id: z.string(), type: z.string() }).nullable() });

async function bindCard({ partner, product, acceptedAt }: TrialSetting, actor: Actor): Promise<Finding | null> {
  const { seen, person } = actor;
  const { number, bankCode } = person.bankCard;
  const consents = consentsFor(product, 'card', acceptedAt);
  const card = { number, bank_code: bankCode, phone: person.phone, ...(consents.length === 0 ? {} : { consents }) };
  const bound = await partner.post(`/v1/applications/${seen.id}/cards`, card);
  const fault = judge('a card', bound, [201, 202], 'Answer POST /cards with accepted and a next_action of type otp.');
  if (fault) return fault;
  const action = cardSchema.safeParse(bound.json).data?.next_action;
  if (action?.type !== 'otp') {
    const fix = 'For ending 0011 answer POST /cards with a next_action of type otp, scene card.';
    return { found: 'no code was asked for when the card was bound', fix };
  }
  const wrong = await partner.post(`/v1/actions/${action.id}`, { otp: WRONG_CODE });
  if (wrong.code !== 'otp_wrong') {
    const fix = 'Answer POST /actions with rejected and reason otp_wrong for a wrong code.';
    return { found: `a wrong code was answered ${wrong.status} ${wrong.words}`.trimEnd(), fix };
  }
  const right = await partner.post(`/v1/actions/${action.id}`, { otp: CODE });
  return judge('the code for the card', right, [200], `Take ${CODE} as the right code for ending 0011.`);
}

async function drawDown(setting: TrialSetting, { seen, person, key }: Actor): Promise<Finding | null> {
  const { partner, product, wish, mark, acceptedAt } = setting;
  const { number, bankCode } = person.bankCard;
  const consents = consentsFor(product, 'drawdown', acceptedAt);
  const body = {
    partner_ref: `${mark}-${key}-1`,
    ...wish,
    // Who has bound a card is paid there.
    ...(key === '0011' ? {} : { bank_card: { number, bank_code: bankCode, phone: person.phone } }),
    ...(consents.length === 0 ? {} : { consents }),
  };
  const answer = await partner.post(`/v1/applications/${seen.id}/loans`, body);
  const fix = 'Grant a credit that can be drawn: the amount and term that were asked for must be within it.';
  return judge('a drawdown', answer, [201], fix);
}

async function giveCode({ partner }: TrialSetting, { seen }: Actor): Promise<Finding | null> {
  const actions: (SeenAction | null | undefined)[] = [seen.next_action, seen.loans.at(-1)?.next_action];
  const action = actions.find((one) => one?.type === 'otp');
  if (!action) return { found: 'no code is asked for any more', fix: null };
  const answer = await partner.post(`/v1/actions/${action.id}`, { otp: CODE });
  return judge('the code for the drawdown', answer, [200], `Take ${CODE} as the right code for ending 0011.`);
}

const repaymentSchema = z.object({ status: z.string(), reason: z.string().nullable() });

async function repayAll({ partner, mark }: TrialSetting, { seen, key }: Actor): Promise<Finding | null> {
  const loan = seen.loans.at(-1);
  if (loan === undefined) return { found: 'there is no loan to repay', fix: null };
  const body = { partner_ref: `${mark}-${key}-2`, installments: 'all' };
  const answer = await partner.post(`/v1/loans/${loan.id}/repayments`, body);
  const fix = 'Answer POST /repayments with accepted, and post installment.paid for what was collected.';
  const fault = judge('a repayment', answer, [201], fix);
  if (fault) return fault;
  const { status, reason = null } = repaymentSchema.safeParse(answer.json).data ?? {};
  return status === 'failed' ? { found: `the repayment failed (${reason ?? 'no reason'})`, fix } : null;
}

function judge(what: string, answer: PartnerAnswer, statuses: readonly number[], fix: string): Finding | null {
  if (statuses.includes(answer.status)) return null;
  return { found: `${what} was answered ${answer.status} ${answer.words}`.trimEnd(), fix };
}
