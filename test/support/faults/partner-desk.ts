import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../../../src/base/clock.ts';
import type { Answer } from '../partner-door.ts';
import type { Applicant } from './applicant.ts';
import type { PartnerLine } from './partner-line.ts';

// biome-ignore lint/suspicious/noExplicitAny: what came over the wire; the doors' own tests judge its shape
type Wire = any;

/** How a partner stands with one applicant. */
interface Course {
  readonly applicant: Applicant;
  applicationId: string | null;
  /** When it looks again, business time; infinity = no more. */
  nextMs: number;
  looks: number;
  hasAskedCard: boolean;
  drawn: number;
  readonly repaid: Set<string>;
  readonly sentBack: Set<string>;
}

const NEVER = Number.POSITIVE_INFINITY;
/** Waits until the next look at somebody who is not decided about. */
const LOOKS_MS = [3, 3, 10, 60]
  .map((seconds) => seconds * SECOND_MS)
  .concat(10 * MINUTE_MS, 2 * HOUR_MS, DAY_MS, 3 * DAY_MS);
const OTP_WRONG = '111111';
const OTP_RIGHT = '000000';
/** The lender cannot be asked now: the partner tries when it looks again. */
const AWAY = 'lender_unavailable';
const GONE = ['illegal_transition', 'action_expired', 'action_completed', 'not_found'];

/**
 * The partners' side: looks at each of its applicants now and then, as a job that walks through what is open does, and does
 * what the applicant wishes by then.
 */
export class PartnerDesk {
  readonly courses: Course[] = [];
  readonly #line: PartnerLine;

  constructor(line: PartnerLine) {
    this.#line = line;
  }

  admit(applicants: readonly Applicant[], nowMs: number): void {
    for (const applicant of applicants) {
      const begun = { looks: 0, hasAskedCard: false, drawn: 0, repaid: new Set<string>(), sentBack: new Set<string>() };
      this.courses.push({ applicant, applicationId: null, nextMs: nowMs, ...begun });
    }
  }

  /** When the next applicant is looked at, business time. */
  get nextMs(): number {
    return this.courses.reduce((next, course) => Math.min(next, course.nextMs), NEVER);
  }

  /** Looks at everybody whose time has come, some at a time. */
  async visitDue(nowMs: () => number, atOnce: number): Promise<number> {
    const due = this.courses.filter((course) => course.nextMs <= nowMs());
    const queue = due.values();
    const worker = async (): Promise<void> => {
      for (const course of queue) course.nextMs = await this.#visit(course, nowMs());
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, due.length) }, worker));
    return due.length;
  }

  /** @returns when to look again */
  async #visit(course: Course, nowMs: number): Promise<number> {
    if (course.applicationId === null) return this.#apply(course, nowMs);
    const { body: view } = await this.#line.ask(partnerOf(course), 'GET', `/v1/applications/${course.applicationId}`);
    switch (view.status) {
      case 'received':
      case 'submitted':
      case 'verifying':
      case 'in_review':
      case 'needs_input':
        return this.#whileDecided(course, view, nowMs);
      case 'credit_granted':
        return this.#withCredit(course, view, nowMs);
      default:
        return NEVER;
    }
  }

  async #apply(course: Course, nowMs: number): Promise<number> {
    const { input, wishes } = course.applicant;
    if (wishes.prechecks) {
      const { phone = '', id_number = '' } = input.applicant as Record<string, string>;
      const body = { product_id: input.product_id, subject: { phone, id_number } };
      await this.#line.ask(partnerOf(course), 'POST', '/v1/prechecks', { body });
    }
    const answer = await this.#line.ask(partnerOf(course), 'POST', '/v1/applications', { body: input });
    if (answer.status !== 201) return NEVER;
    course.applicationId = answer.body.id;
    if (answer.body.status === 'refused') return NEVER;
    if (wishes.cancels === 'at_once') return this.#cancel(course);
    return nowMs + SECOND_MS;
  }

  async #whileDecided(course: Course, view: Wire, nowMs: number): Promise<number> {
    const { wishes } = course.applicant;
    if (wishes.cancels === 'waiting') return this.#cancel(course);
    if (view.next_action?.type === 'supplement' && wishes.answersInput) {
      const body = { applicant: { email: `applicant-${course.applicant.no}@example.com` } };
      await this.#post(course, `/v1/actions/${view.next_action.id}`, body, GONE);
    }
    course.looks += 1;
    return nowMs + (LOOKS_MS[course.looks] ?? NEVER);
  }

  async #withCredit(course: Course, view: Wire, nowMs: number): Promise<number> {
    const { wishes, story } = course.applicant;
    const { loans } = view;
    if (loans.length === 0 && wishes.cancels === 'granted') return this.#cancel(course);
    if (wishes.bindsCard) await this.#bindCard(course);
    const times = await Promise.all(loans.map((loan: Wire) => this.#lookAtLoan(course, loan, nowMs)));
    const isFree = view.credit.status === 'active' && loans.every((loan: Wire) => ENDED.has(loan.status));
    const wanted = story === '0010' || !wishes.draws ? 0 : wishes.drawsAgain ? 2 : 1;
    if (isFree && course.drawn < wanted) {
      await this.#drawDown(course, view);
      return nowMs + SECOND_MS;
    }
    return Math.min(...times, wanted > course.drawn ? nowMs + DAY_MS * 7 : NEVER);
  }

  async #drawDown(course: Course, view: Wire): Promise<void> {
    const { input, wishes } = course.applicant;
    const { amount, term, term_unit, purpose } = input.requested;
    const within = Math.min(amount.amount, view.credit.available.amount);
    const asked = { amount: { ...amount, amount: within }, term, term_unit };
    const path = `/v1/applications/${course.applicationId}`;
    if (wishes.asksQuote) await this.#post(course, `${path}/quotes`, asked, [AWAY, 'credit_not_active']);
    const body = { ...asked, partner_ref: `DRAW-${course.applicant.no}-${course.drawn}`, purpose };
    const refusals = ['credit_not_active', 'loan_open', 'over_available', 'drawdown_declined'];
    await this.#post(course, `${path}/loans`, body, refusals);
    course.drawn += 1;
  }

  /** @returns when to look at it again */
  async #lookAtLoan(course: Course, loan: Wire, nowMs: number): Promise<number> {
    if (loan.next_action?.type === 'otp') await this.#giveCode(course, loan.next_action.id);
    if (ENDED.has(loan.status)) return NEVER;
    if (loan.disbursed_at === null) {
      course.looks += 1;
      return nowMs + (LOOKS_MS[course.looks] ?? NEVER);
    }
    const { coolsOffAfterDays, repays } = course.applicant.wishes;
    const days = (nowMs - Date.parse(loan.disbursed_at)) / DAY_MS;
    const inDays = (after: number): number => Date.parse(loan.disbursed_at) + after * DAY_MS;
    if (coolsOffAfterDays !== null && !course.sentBack.has(loan.id)) {
      if (days < coolsOffAfterDays) return inDays(coolsOffAfterDays);
      course.sentBack.add(loan.id);
      const body = { reason: 'changed_mind' };
      await this.#post(course, `/v1/loans/${loan.id}/cancel`, body, ['illegal_transition', 'cancellation_refused']);
    }
    if (repays === null || course.repaid.has(loan.id)) return NEVER;
    if (days < repays.afterDays) return inDays(repays.afterDays);
    course.repaid.add(loan.id);
    await this.#repay(course, loan, repays.what);
    return NEVER;
  }

  async #repay(course: Course, loan: Wire, what: 'all' | 'next'): Promise<void> {
    const { body: plan } = await this.#line.ask(partnerOf(course), 'GET', `/v1/loans/${loan.id}/schedule`);
    const next = plan.schedule?.find((item: Wire) => item.status !== 'paid')?.no;
    if (next === undefined) return;
    const installments = what === 'all' ? what : [next];
    const body = { partner_ref: `REPAY-${course.applicant.no}`, installments };
    const refusals = ['nothing_due', 'loan_not_running', 'repayment_pending', 'validation_failed', 'quote_refused'];
    await this.#post(course, `/v1/loans/${loan.id}/repayments`, body, refusals);
  }

  async #bindCard(course: Course): Promise<void> {
    if (course.hasAskedCard) return;
    const { person, wishes } = course.applicant;
    const path = `/v1/applications/${course.applicationId}/cards`;
    const body = { number: person.bankCard.number, bank_code: person.bankCard.bankCode, phone: person.phone };
    const { status, body: card } = await this.#post(course, path, body, ['illegal_transition', 'card_refused']);
    if (card?.next_action?.type === 'otp') await this.#giveCode(course, card.next_action.id);
    course.hasAskedCard = status === 201 || card?.next_action !== undefined;
    if (status === 201 && wishes.removesCard) {
      await this.#line.ask(partnerOf(course), 'DELETE', `/v1/cards/${card.id}`, { allowed: GONE });
    }
  }

  /** A wrong code first, then the right one; one that has expired is asked for once more. */
  async #giveCode(course: Course, actionId: string): Promise<void> {
    const give = (otp: string): Promise<Answer> =>
      this.#post(course, `/v1/actions/${actionId}`, { otp }, [AWAY, 'otp_wrong', 'action_refused', ...GONE]);
    if ((await give(OTP_WRONG)).status === 503) return;
    const { status, body } = await give(OTP_RIGHT);
    if (status !== 422 || body.errors?.[0]?.code !== 'otp_expired') return;
    await this.#post(course, `/v1/actions/${actionId}/resend`, {}, [
      AWAY,
      'resend_too_soon',
      'action_refused',
      ...GONE,
    ]);
    await give(OTP_RIGHT);
  }

  async #cancel(course: Course): Promise<number> {
    const body = { reason: 'changed_mind' };
    await this.#post(course, `/v1/applications/${course.applicationId}/cancel`, body, ['illegal_transition']);
    return NEVER;
  }

  #post(course: Course, path: string, body: object, allowed: readonly string[]): Promise<Answer> {
    return this.#line.ask(partnerOf(course), 'POST', path, { body, allowed });
  }
}

const ENDED: ReadonlySet<string> = new Set(['declined', 'payout_failed', 'settled', 'written_off', 'cancelled']);

function partnerOf({ applicant }: Course) {
  return applicant.partnerId;
}
