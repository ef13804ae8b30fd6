import { decideWithdrawal } from '../../../../src/applications/consents/decide-withdrawal.ts';
import { withConsents } from '../../../../src/applications/consents/note-consents.ts';
import { actionsOf } from '../../../../src/applications/lifecycle/actions.ts';
import { answerAction } from '../../../../src/applications/lifecycle/answered-action.ts';
import { cancelDecision, cancelLoanDecision } from '../../../../src/applications/lifecycle/cancel.ts';
import { cardsOf, loanOnCard, removeCard, requestCard } from '../../../../src/applications/lifecycle/cards.ts';
import { applyPushAnswer } from '../../../../src/applications/lifecycle/push-answer.ts';
import { requestLoan } from '../../../../src/applications/lifecycle/request-loan.ts';
import { sweepApplication } from '../../../../src/applications/lifecycle/sweep-application.ts';
import { applyLoanAnswer } from '../../../../src/applications/push/loan-answer.ts';
import { applyMessageAnswer } from '../../../../src/applications/push/message-answers/apply-message-answer.ts';
import { localPayoff } from '../../../../src/applications/repayments/payoff.ts';
import { requestRepayment } from '../../../../src/applications/repayments/request-repayment.ts';
import { withStanding } from '../../../../src/applications/with-standing.ts';
import { DAY_MS, isoOf } from '../../../../src/base/clock.ts';
import { derivedIdBeside } from '../../../../src/base/ids.ts';
import { answerLenderEvents } from '../../../../src/intake/answer-lender-events.ts';
import type { Remembered } from '../../../../src/intake/lender-inbox.ts';
import { dataUseOf } from '../../../../src/privacy/data-use.ts';
import { eraseApplication } from '../../../../src/privacy/erase-application.ts';
import { at, cny, factsAt, PRODUCT, parsed, START } from '../lifecycle/story.ts';
import { anyLenderEvent } from './any-lender-event.ts';
import { type Dice, oneOf } from './dice.ts';
import { LoggedApplication } from './logged-application.ts';

/** One application between a lender, a partner and the clock, everybody doing anything. */
export class Life extends LoggedApplication {
  readonly memory = new Map<string, Remembered>();
  readonly sent: unknown[] = [];

  get days(): number {
    return (this.nowMs - START) / DAY_MS;
  }

  /** A lender's event as its door takes it in. */
  hear(raw: { readonly id: string }): string {
    const incoming = [{ event: parsed(raw), digest: JSON.stringify(raw) }];
    const decision = answerLenderEvents(this.application, incoming, this.memory, factsAt(this.days));
    for (const [id, answer] of decision.remember) this.memory.set(id, answer);
    this.write(decision.application, decision.events);
    this.sent.push(raw);
    return decision.result[0]?.result ?? 'nothing';
  }

  step(thrown: Dice): void {
    this.nowMs += Math.round(thrown.pass * DAY_MS);
    const step = STEPS[thrown.step % STEPS.length];
    step?.(this, thrown);
  }
}

type Step = (life: Life, dice: Dice) => void;

/** What lenders' cores answer to our messages, soon, late or twice. */
function answerOf({ which, yes }: Dice, when: number) {
  const action = { type: yes ? 'supplement' : 'otp', fields: ['email'], expires_at: at(when + 3) };
  const answers = [
    { result: 'accepted', lender_ref: 'A-1' },
    { result: 'duplicate', lender_ref: 'A-1' },
    { result: 'accepted', lender_ref: 'A-1', next_action: action },
    { result: 'accepted', next_action: action },
    { result: 'rejected', reason: yes ? 'otp_wrong' : 'card_refused' },
    { result: 'rejected', reason: 'too_many_attempts', detail: 'enough' },
  ] as const;
  return oneOf(answers, which) ?? answers[0];
}

const listen: Step = (life, thrown) => {
  const when = Math.max(0, life.days - thrown.back);
  life.hear(anyLenderEvent(life, thrown, when));
};

const hearAgain: Step = (life, thrown) => {
  const raw = oneOf(life.sent, thrown.amount);
  if (raw) life.hear(raw as { readonly id: string });
};

const sweep: Step = (life) => {
  const swept = sweepApplication(life.application, life.nowMs, PRODUCT);
  if (swept.application !== life.application || swept.events.length > 0) life.write(swept.application, swept.events);
};

/** Writes what an answer changes, as the push room does. */
function answered(life: Life, after: { application: Life['application']; events: Parameters<Life['write']>[1] }): void {
  const events = withStanding(life.application, after.application, after.events, isoOf(life.nowMs));
  life.write(after.application, events);
}

const applicationAnswered: Step = (life, thrown) => {
  answered(life, applyPushAnswer(life.application, answerOf(thrown, life.days), life.nowMs, 30));
};

const loanAnswered: Step = (life, thrown) => {
  const loan = oneOf(life.application.loans, thrown.which);
  if (!loan) return;
  const answer = {
    ...answerOf({ ...thrown, which: thrown.amount % 6 }, life.days),
    lender_ref: `LN-P${loan.id.slice(-4)}`,
  };
  answered(life, applyLoanAnswer(life.application, loan.id, answer, life.nowMs));
};

const messageAnswered: Step = (life, thrown) => {
  const { application } = life;
  const answer = answerOf({ ...thrown, which: thrown.amount % 6 }, life.days);
  const action = oneOf(actionsOf(application), thrown.which);
  const card = oneOf(cardsOf(application), thrown.which);
  const loan = oneOf(application.loans, thrown.which);
  const repayment = oneOf(loan?.repayments ?? [], thrown.which);
  const given = { answer: 'digest', attempt: action?.wrong_tries ?? 0 };
  const { id: action_id, loan_id, card_id, repayment_id } = action ?? { id: 'none' };
  const abouts = [
    ['action', { action_id, loan_id, card_id, repayment_id, ...given, resend: thrown.yes }],
    ['action', { action_id, loan_id, card_id, repayment_id, ...given }],
    ['supplement', { action_id, loan_id, ...given }],
    ['card', { card_id: card?.id, attempt: card?.attempts }],
    ['cancellation', { loan_id: loan?.id, attempt: loan?.cancellation?.attempts }],
    ['repayment', { loan_id: loan?.id, repayment_id: repayment?.id }],
  ] as const;
  const [kind, about] = oneOf<(typeof abouts)[number]>(abouts, thrown.pick) ?? abouts[0];
  const known = Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined));
  answered(life, applyMessageAnswer(kind, application, known, answer, life.nowMs));
};

const drawDown: Step = (life, { which, amount }) => {
  const partnerRef = `D-${which % 3}`;
  const loanId = derivedIdBeside('loan', life.application.id, partnerRef);
  const cardId = cardsOf(life.application).find(({ status }) => status === 'active')?.id;
  const wanted = {
    loanId,
    partnerRef,
    amount: cny(amount > 50_000 ? 300_000 : 90_000),
    term: 3,
    termUnit: 'month' as const,
  };
  const result = requestLoan(life.application, { ...wanted, purpose: null, fallbackCardId: cardId }, life.nowMs);
  if (result.ok && !result.replayed) life.write(result.application, result.events);
};

const repay: Step = (life, { which, yes }) => {
  const loan = oneOf(life.application.loans, which);
  if (!loan) return;
  const installments = yes ? ('all' as const) : [1 + (which % 3)];
  const partnerRef = `R-${which}`;
  const request = { id: derivedIdBeside('rep', loan.id, partnerRef), partnerRef, installments, cardId: null };
  const terms = { rate: undefined, timezone: PRODUCT.timezone };
  const result = requestRepayment(life.application, loan, request, life.nowMs, () =>
    localPayoff(loan, installments, terms, life.nowMs),
  );
  if (result.ok && !result.replayed) life.write(result.application, result.events);
};

const cancel: Step = (life, { which }) => {
  if (which !== 0) return;
  const decision = cancelDecision(life.application, { reason: 'changed_mind', by: 'partner' }, life.nowMs);
  if (decision.kind === 'cancelled') life.write(decision.application, decision.events);
};

const cancelLoan: Step = (life, { which }) => {
  const loan = oneOf(life.application.loans, which);
  if (!loan) return;
  const decision = cancelLoanDecision(life.application, loan, 'changed_mind', PRODUCT, life.nowMs);
  if (decision.kind === 'requested') life.write(decision.application, decision.events);
};

const answer: Step = (life, { which, amount }) => {
  const action = oneOf(actionsOf(life.application), which);
  if (!action) return;
  const { application, events } = answerAction(life.application, action, `digest-${amount % 2}`, life.nowMs);
  life.write(application, events);
};

const bind: Step = (life, { which }) => {
  const { application } = life;
  const id = derivedIdBeside('card', application.id, `number-${which % 3}`);
  const known = cardsOf(application).find((card) => card.id === id);
  if (known?.status === 'active') return;
  const after = requestCard(application, { id, bank_code: 'ICBC', last4: '1234' }, isoOf(life.nowMs));
  life.write(after.application, after.events);
};

const unbind: Step = (life, { which }) => {
  const card = oneOf(cardsOf(life.application), which);
  if (!card || loanOnCard(life.application, card.id) !== undefined) return;
  const after = removeCard(life.application, card.id, isoOf(life.nowMs));
  life.write(after.application, after.events);
};

/** A drawdown's or an answer's consents go with its event. */
const agree: Step = (life, { which }) => {
  const at = isoOf(life.nowMs);
  const given = [
    { kind: oneOf(['face', 'marketing'], which), document: 'd', version: '1', text_sha256: 'ab', accepted_at: at },
  ];
  const noted = withConsents(life.application, given, at);
  const consents = (noted.consents ?? []).filter((note) => !life.application.consents?.includes(note));
  const data = {
    action_id: null,
    loan_id: null,
    fields: [],
    documents: [],
    ...(consents.length > 0 ? { consents } : {}),
  };
  life.write(noted, [{ type: 'application.supplemented', occurred_at: at, data }]);
};

const withdraw: Step = (life, { which }) => {
  const at = isoOf(life.nowMs);
  const decision = decideWithdrawal(life.application, [], [oneOf(['face', 'marketing'], which) ?? ''], at);
  if (decision.fresh.length === 0) return;
  const data = { consents: decision.fresh, reason: null };
  life.write(decision.application, [{ type: 'consent.withdrawn', occurred_at: at, data }]);
};

const erase: Step = (life, { which }) => {
  if (which !== 0) return;
  const use = dataUseOf(life.application, false, life.nowMs);
  const { application, events } = eraseApplication(life.application, use, life.nowMs, true);
  if (application) life.write(application, events);
};

const STEPS: readonly Step[] = [
  ...Array.from({ length: 16 }, () => listen),
  hearAgain,
  sweep,
  sweep,
  applicationAnswered,
  loanAnswered,
  messageAnswered,
  messageAnswered,
  drawDown,
  repay,
  cancel,
  cancelLoan,
  answer,
  bind,
  unbind,
  agree,
  withdraw,
  erase,
];
