import type { Application } from '../../applications/model.ts';
import type { Text } from './field-labels.ts';

/** What an applicant is told about where things stand; coarser than statuses. */
export type Stage =
  | 'received'
  | 'review'
  | 'needsInput'
  | 'granted'
  | 'paying'
  | 'paid'
  | 'declined'
  | 'refused'
  | 'own'
  | 'ended';

const LOAN_UNDER_WAY = new Set(['requested', 'in_review', 'needs_input', 'paying_out']);
const LOAN_PAID = new Set(['active', 'overdue', 'settled', 'written_off']);

/** Of an application; its newest loan counts once there is one. */
export function stageOf({ status, reason, loans }: Application): Stage {
  switch (status) {
    case 'screening':
    case 'received':
      return 'received';
    case 'submitted':
    case 'verifying':
    case 'in_review':
      return 'review';
    case 'needs_input':
      return 'needsInput';
    case 'credit_granted': {
      const loan = loans.at(-1)?.status ?? '';
      return LOAN_UNDER_WAY.has(loan) ? 'paying' : LOAN_PAID.has(loan) ? 'paid' : 'granted';
    }
    case 'credit_declined':
      return 'declined';
    case 'refused':
      return reason === 'own' || reason === 'in_progress' ? 'own' : 'refused';
    default:
      return 'ended';
  }
}

/** Each stage: where it stands, and what comes next. */
export const stageTexts: Readonly<Record<Stage, readonly [state: Text, next: Text]>> = {
  received: [
    { en: 'We have your application.', zh: '申请已收到。' },
    { en: 'It is on its way to {lender}. You need not do anything.', zh: '正在提交给{lender}，您无需操作。' },
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
      en: 'Follow the message from {lender}; the decision goes on as soon as it is there.',
      zh: '请按{lender}的提示补充，完成后将继续审批。',
    },
  ],
  granted: [
    { en: 'Your application was approved.', zh: '您的申请已通过。' },
    {
      en: 'Log in at {lender} with your mobile number to see the contract and draw the money. Nothing is owed until you do.',
      zh: '请用您的手机号登录{lender}，查看合同并提款。提款前不产生任何费用。',
    },
  ],
  paying: [
    { en: 'Your loan is being prepared.', zh: '借款处理中。' },
    { en: '{lender} pays out to your bank card and texts you.', zh: '{lender}将放款至您的银行卡并短信通知。' },
  ],
  paid: [
    { en: 'Your loan was paid out.', zh: '借款已发放。' },
    { en: 'You will find the repayment plan at {lender}.', zh: '您可在{lender}查看还款计划。' },
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
  ended: [
    { en: 'This application has ended.', zh: '本次申请已结束。' },
    { en: 'You may open the link again to apply anew.', zh: '如仍有需要，可重新打开链接申请。' },
  ],
};
