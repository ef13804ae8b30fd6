import fc from 'fast-check';
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
import {
  at,
  cny,
  disbursed,
  factsAt,
  granted,
  overdue,
  PRODUCT,
  paid,
  parsed,
  requested,
  START,
  schedule,
  wire,
} from '../lifecycle/story.ts';
import { LoggedApplication } from './logged-application.ts';

/** Numbers from which a step takes whatever it needs: any of them makes a step. */
export interface Dice {
  /** Which step. */
  readonly step: number;
  /** Which kind of thing within it. */
  readonly pick: number;
  /** Which of the things that are there. */
  readonly which: number;
  readonly amount: number;
  /** Days back from now at which a lender's event happened. */
  readonly back: number;
  /** Days that pass before the step. */
  readonly pass: number;
  readonly yes: boolean;
}

export const dice: fc.Arbitrary<Dice> = fc.record({
  step: fc.nat(999),
  pick: fc.nat(999),
  which: fc.nat(5),
  amount: fc.integer({ min: 0, max: 110_000 }),
  back: fc.constantFrom(0, 0, 0, 0.001, 0.5, 3, 40),
  pass: fc.constantFrom(0, 0.01, 0.01, 0.3, 1, 9, 31),
  yes: fc.boolean(),
});

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

function oneOf<Thing>(things: readonly Thing[], which: number): Thing | undefined {
  return things[which % Math.max(1, things.length)];
}

/** A loan that is there, by our id or the lender's name. */
function loanName(
  { application }: Life,
  { which, yes }: Dice,
): { readonly loan_id?: string; readonly lender_ref?: string } {
  const loan = oneOf(application.loans, which);
  if (loan === undefined) return { lender_ref: 'LN-1' };
  return yes || loan.lender_ref === null
    ? { loan_id: loan.id, lender_ref: undefined }
    : { lender_ref: loan.lender_ref };
}

type Maker = (life: Life, dice: Dice, when: number) => ReturnType<typeof wire>;

/** Events of the lender, plausible or not, at any time up to now. */
const USUAL: readonly Maker[] = [
  (_, { yes }, when) => wire('application.verifying', when, yes ? { verifications: [check(when)] } : undefined),
  (_, __, when) => wire('application.in_review', when),
  (life, thrown, when) => askOf(life, thrown, when),
  (life, thrown, when) => askOf(life, thrown, when),
  (life, { which, yes }, when) => {
    const action_id = oneOf(actionsOf(life.application), which)?.id ?? 'nobody’s';
    return wire('action.completed', when, { action_id, ...(yes ? { verifications: [check(when)] } : {}) });
  },
  (_, { amount }, when) => granted(when, { amount: cny(400_000 + amount), expires_at: at(when + 200) }),
  (_, __, when) => granted(when, { expires_at: at(when + 20), grade: 'A' }),
  (_, { amount, which }, when) => wire('credit.updated', when, oneOf<object>(updates(amount, when), which)),
  (_, { amount, which }, when) => wire('credit.updated', when, oneOf<object>(updates(amount, when), which)),
  (_, { which, amount }, when) => requested(when, { lender_ref: `LN-${which % 2}`, amount: cny(90_000 + amount) }),
  (_, { which }, when) => requested(when, { lender_ref: `LN-${which % 2}`, amount: cny(300_000) }),
  (life, thrown, when) => wire('loan.in_review', when, undefined, loanName(life, thrown)),
  (life, thrown, when) => wire('loan.paying_out', when, undefined, loanName(life, thrown)),
  (life, thrown, when) => ({ ...payout(when, thrown), ...loanName(life, thrown) }),
  (life, thrown, when) => ({ ...payout(when, thrown), ...loanName(life, thrown) }),
  (life, thrown, when) => ({ ...payout(when, thrown), ...loanName(life, thrown) }),
  (life, thrown, when) => ({ ...payment(when, thrown), ...loanName(life, thrown) }),
  (life, thrown, when) => ({ ...payment(when, thrown), ...loanName(life, thrown) }),
  (life, thrown, when) => ({ ...payment(when, thrown), ...loanName(life, thrown) }),
  (life, thrown, when) => {
    const data = { payment_ref: `P-${thrown.which}`, reason: 'bounced' };
    return wire('installment.reversed', when, data, loanName(life, thrown));
  },
  (life, thrown, when) => ({
    ...overdue(1 + (thrown.which % 3), when, 1 + thrown.which * 9),
    ...loanName(life, thrown),
  }),
  (life, thrown, when) => wire('loan.cured', when, undefined, loanName(life, thrown)),
  (life, thrown, when) => wire('loan.settled', when, { settled_at: at(when) }, loanName(life, thrown)),
  (life, thrown, when) => {
    const reason = oneOf(['correction', 'prepayment', 'extension', 'waiver', 'penalty'], thrown.which);
    const data = { schedule: schedule(thrown.yes ? 300_000 : 240_000), reason };
    return wire('loan.schedule_updated', when, data, loanName(life, thrown));
  },
  (life, thrown, when) => {
    const repayment = oneOf(repaymentsOf(life), thrown.which);
    const named = repayment && thrown.yes ? { repayment_id: repayment.id } : {};
    return wire('repayment.failed', when, { reason: 'insufficient_funds', ...named }, loanName(life, thrown));
  },
];

/** With which much is over. */
const RARE: readonly Maker[] = [
  (_, __, when) => wire('application.cancelled', when, { reason: 'customer' }),
  (_, __, when) => wire('application.fraud_confirmed', when, { kind: 'identity', evidence_ref: 'E-1' }),
  (_, { yes }, when) => wire('complaint.closed', when, { upheld: yes }),
  (_, __, when) => wire('credit.declined', when, { reason: 'policy' }),
  (_, __, when) => wire('credit.expired', when),
  (life, thrown, when) => wire('loan.declined', when, { reason: 'policy' }, loanName(life, thrown)),
  (life, thrown, when) => wire('loan.payout_failed', when, { reason: 'bank' }, loanName(life, thrown)),
  (life, thrown, when) => wire('loan.written_off', when, { written_off_at: at(when) }, loanName(life, thrown)),
  (life, thrown, when) => {
    const reason = oneOf(['cooling_off', 'payout_returned', 'customer', 'lender'], thrown.which);
    return wire('loan.cancelled', when, { reason }, loanName(life, thrown));
  },
];

function check(when: number): object {
  return { kind: 'liveness', provider: 'lender', result: 'pass', score: 0.9, at: at(when) };
}

function updates(amount: number, when: number): object[] {
  return [
    { amount: cny(400_000 + amount), grade: 'B' },
    { status: 'frozen' },
    { status: 'active' },
    { status: 'closed', reason: 'risk' },
    { apr: '0.2', expires_at: at(when + 100) },
    { grade: null, pricing: [{ term: 3, annual: '0.15' }] },
  ];
}

/** Something that the applicant is asked for, of anything that is there. */
function askOf({ application }: Life, { which, amount, yes }: Dice, when: number): ReturnType<typeof wire> {
  const type = oneOf(['supplement', 'supplement', 'otp', 'agree', 'card', 'redirect'], amount);
  const told = { type, message: 'please', sent_to: '138****8000', expires_at: at(when + (yes ? 0.5 : 7)) };
  const loan = oneOf(application.loans, which);
  const card = oneOf(cardsOf(application), which);
  const repayment = oneOf(repaymentsIn(application), which);
  const objects = [
    { scene: 'apply' },
    ...(loan ? [{ scene: 'drawdown', loan_id: loan.id }] : [{ scene: 'drawdown' }]),
    ...(card ? [{ scene: 'card', card_id: card.id }] : []),
    ...(loan && repayment ? [{ scene: 'repay', loan_id: loan.id, repayment_id: repayment.id }] : []),
  ];
  return wire('action.required', when, { ...told, ...oneOf(objects, which) });
}

function payout(when: number, { yes }: Dice): ReturnType<typeof wire> {
  return yes
    ? disbursed(when)
    : disbursed(when, { principal: cny(240_000), received: cny(230_000), schedule: schedule(240_000) });
}

function payment(when: number, { which, amount, yes }: Dice): ReturnType<typeof wire> {
  const no = 1 + (which % 3);
  const ref = { payment_ref: `P-${which}` };
  return yes
    ? paid(no, when, ref)
    : paid(no, when, { ...ref, principal: cny(amount), interest: cny(0), waived: cny(which * 10), penalty: cny(7) });
}

function repaymentsIn({ loans }: Life['application']) {
  return loans.flatMap((loan) => loan.repayments ?? []);
}

function repaymentsOf({ application }: Life) {
  return repaymentsIn(application);
}

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
  const makers = thrown.step % 7 === 0 ? RARE : USUAL;
  const make = makers[thrown.pick % makers.length];
  if (make) life.hear(make(life, thrown, when));
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
