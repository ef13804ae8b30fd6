import type { Application, LoanStatus } from '../../applications/model.ts';
import type { Text } from './field-labels.ts';

/** What an applicant is told about where things stand; coarser than statuses. */
export type Stage =
  | 'received'
  | 'checking'
  | 'review'
  | 'needsInput'
  | 'granted'
  | 'creditOver'
  | 'loanReview'
  | 'paying'
  | 'paid'
  | 'overdue'
  | 'settled'
  | 'loanDeclined'
  | 'payoutFailed'
  | 'loanCancelled'
  | 'declined'
  | 'refused'
  | 'own'
  | 'cancelled'
  | 'expired';

/** Stages after which nothing more is to be waited for here. */
const STILL: ReadonlySet<Stage> = new Set<Stage>([
  'granted',
  'creditOver',
  'paid',
  'overdue',
  'settled',
  'loanDeclined',
  'loanCancelled',
  'declined',
  'refused',
  'own',
  'cancelled',
  'expired',
]);

/** Whether something is about to happen by itself. */
export function isUnderWay(stage: Stage): boolean {
  return !STILL.has(stage);
}

const LOAN_STAGES: Readonly<Record<LoanStatus, Stage>> = {
  requested: 'loanReview',
  in_review: 'loanReview',
  needs_input: 'needsInput',
  declined: 'loanDeclined',
  paying_out: 'paying',
  payout_failed: 'payoutFailed',
  active: 'paid',
  overdue: 'overdue',
  settled: 'settled',
  written_off: 'overdue',
  cancelled: 'loanCancelled',
};

/** Of an application; its newest loan counts once there is one. */
export function stageOf({
  status,
  reason,
  loans,
  credit,
}: Pick<Application, 'status' | 'reason' | 'loans' | 'credit'>): Stage {
  switch (status) {
    case 'screening':
    case 'received':
      return 'received';
    case 'submitted':
    case 'verifying':
      return 'checking';
    case 'in_review':
      return 'review';
    case 'needs_input':
      return 'needsInput';
    case 'credit_granted': {
      const loan = loans.at(-1);
      if (loan !== undefined) return LOAN_STAGES[loan.status];
      return credit === null || credit.status === 'active' ? 'granted' : 'creditOver';
    }
    case 'credit_declined':
      return 'declined';
    case 'refused':
      return reason === 'own' || reason === 'in_progress' ? 'own' : 'refused';
    case 'cancelled':
      return 'cancelled';
    case 'expired':
      return 'expired';
  }
}

/** Each stage: where it stands, and what comes next. */
export const stageTexts: Readonly<Record<Stage, readonly [state: Text, next: Text]>> = {
  received: [
    { en: 'We have your application.', zh: '申请已收到。' },
    { en: 'It is on its way to {lender}. You need not do anything.', zh: '正在提交给{lender}，您无需操作。' },
  ],
  checking: [
    { en: '{lender} is checking your application.', zh: '{lender}正在核验您的申请。' },
    {
      en: 'The decision comes next, in a few minutes as a rule. {lender} may call or text you.',
      zh: '核验后将进入审批，一般需要几分钟。{lender}可能会电话或短信联系您。',
    },
  ],
  review: [
    { en: '{lender} is deciding.', zh: '{lender}正在审批。' },
    {
      en: 'This takes a few minutes as a rule. {lender} may call or text you.',
      zh: '一般需要几分钟，{lender}可能会电话或短信联系您。',
    },
  ],
  needsInput: [
    { en: '{lender} needs something more from you.', zh: '{lender}需要您补充资料。' },
    {
      en: 'As soon as it is there, {lender} goes on.',
      zh: '提交后{lender}将继续处理。',
    },
  ],
  granted: [
    { en: 'Your application was approved.', zh: '您的申请已通过。' },
    {
      en: 'Log in at {lender} with your mobile number to see the contract and draw the money. Nothing is owed until you do.',
      zh: '请用您的手机号登录{lender}，查看合同并提款。提款前不产生任何费用。',
    },
  ],
  creditOver: [
    { en: 'Your credit at {lender} cannot be used at present.', zh: '您在{lender}的额度目前不可用。' },
    { en: 'Ask {lender} whether and when it can be again.', zh: '可向{lender}询问是否及何时恢复。' },
  ],
  loanReview: [
    { en: 'Your loan is being prepared.', zh: '借款处理中。' },
    { en: '{lender} checks it once more and then pays out.', zh: '{lender}复核后将安排放款。' },
  ],
  paying: [
    { en: 'Your loan is being paid out.', zh: '正在放款。' },
    { en: '{lender} pays out to your bank card and texts you.', zh: '{lender}将放款至您的银行卡并短信通知。' },
  ],
  paid: [
    { en: 'Your loan was paid out.', zh: '借款已发放。' },
    {
      en: 'You will find the repayment plan at {lender}. {cooling}',
      zh: '您可在{lender}查看还款计划。{cooling}',
    },
  ],
  overdue: [
    { en: 'A repayment is overdue.', zh: '您有一笔还款已逾期。' },
    {
      en: 'Please repay at {lender} soon, or talk to {lender} about what you can pay: it costs less the earlier it is done.',
      zh: '请尽快在{lender}还款，或与{lender}协商还款安排，越早处理费用越少。',
    },
  ],
  settled: [
    { en: 'Your loan has been repaid.', zh: '借款已结清。' },
    {
      en: 'There is nothing left to do. {lender} can give you proof of it.',
      zh: '无需其他操作，可向{lender}索取结清证明。',
    },
  ],
  loanDeclined: [
    { en: '{lender} did not approve this drawdown.', zh: '{lender}未通过本次提款。' },
    {
      en: 'Ask {lender} for the reason; your credit may still stand.',
      zh: '可向{lender}询问原因，您的额度可能仍然有效。',
    },
  ],
  payoutFailed: [
    { en: 'The payout did not reach your card.', zh: '放款未成功到账。' },
    {
      en: 'Nothing is owed for it. Log in at {lender} to check your bank card and try again.',
      zh: '该笔不产生费用。请登录{lender}核对银行卡后重试。',
    },
  ],
  loanCancelled: [
    { en: 'This loan was cancelled.', zh: '该笔借款已取消。' },
    {
      en: 'Nothing is owed for it. Your credit at {lender} may still stand.',
      zh: '该笔不产生费用，您在{lender}的额度可能仍然有效。',
    },
  ],
  declined: [
    { en: '{lender} did not approve this application.', zh: '{lender}未通过本次申请。' },
    {
      en: 'You may ask {lender} for the reason, and object to a decision made by machine alone.',
      zh: '您可向{lender}询问原因，并可对自动化决策提出异议。',
    },
  ],
  refused: [
    { en: 'This application cannot go on at present.', zh: '本次申请暂时无法继续。' },
    {
      en: 'Your details were not passed on. You may ask us for the reason, and object to it.',
      zh: '您的信息未提供给贷款机构。您可向我们询问原因并提出异议。',
    },
  ],
  own: [
    { en: 'You have an application at {lender} already.', zh: '您在{lender}已有进行中的申请。' },
    { en: 'Please go on with that one; there is no need for another.', zh: '请继续办理原申请，无需重复提交。' },
  ],
  cancelled: [
    { en: 'This application was cancelled.', zh: '本次申请已取消。' },
    { en: 'You may open the link again to apply anew.', zh: '如仍有需要，可重新打开链接申请。' },
  ],
  expired: [
    { en: 'This application has expired.', zh: '本次申请已过期。' },
    {
      en: 'It was not completed in time. You may open the link again to apply anew.',
      zh: '因未在有效期内完成，如仍有需要，可重新打开链接申请。',
    },
  ],
};
