import { actionsOf } from '../../../../src/applications/lifecycle/actions.ts';
import { cardsOf } from '../../../../src/applications/lifecycle/cards.ts';
import type { Application } from '../../../../src/applications/model.ts';
import { at, cny, disbursed, granted, overdue, paid, requested, schedule, wire } from '../lifecycle/story.ts';
import { type Dice, oneOf } from './dice.ts';

interface Seen {
  readonly application: Application;
}

/** An event of the lender, plausible or not, about anything that is there. @param when days after the start */
export function anyLenderEvent(seen: Seen, dice: Dice, when: number): ReturnType<typeof wire> {
  const makers = dice.step % 7 === 0 ? RARE : USUAL;
  const make = makers[dice.pick % makers.length];
  return make ? make(seen, dice, when) : wire('application.in_review', when);
}

/** A loan that is there, by our id or the lender's name. */
function loanName(
  { application }: Seen,
  { which, yes }: Dice,
): { readonly loan_id?: string; readonly lender_ref?: string } {
  const loan = oneOf(application.loans, which);
  if (loan === undefined) return { lender_ref: 'LN-1' };
  return yes || loan.lender_ref === null
    ? { loan_id: loan.id, lender_ref: undefined }
    : { lender_ref: loan.lender_ref };
}

type Maker = (life: Seen, dice: Dice, when: number) => ReturnType<typeof wire>;

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
    const funder = reason === 'correction' && thrown.yes ? { funder_id: 'north' } : {};
    const data = { schedule: schedule(thrown.yes ? 300_000 : 240_000), reason, ...funder };
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
function askOf({ application }: Seen, { which, amount, yes }: Dice, when: number): ReturnType<typeof wire> {
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

function repaymentsIn({ loans }: Application) {
  return loans.flatMap((loan) => loan.repayments ?? []);
}

function repaymentsOf({ application }: Seen) {
  return repaymentsIn(application);
}
