import type { Language } from '../../http/accept-language.ts';

/** Sentences of the pages. `{name}` stands for a value. */
const texts = {
  apply: { en: 'Apply for {product}', zh: '申请{product}' },
  lenderOfRecord: { en: 'Lender', zh: '贷款机构' },
  funders: { en: 'Funded by', zh: '资金方' },
  apr: { en: 'APR (all fees included)', zh: '年化综合成本（含费用）' },
  amountRange: { en: 'Amount', zh: '额度' },
  terms: { en: 'Terms', zh: '期限' },
  repayment: { en: 'Repayment', zh: '还款方式' },
  fees: { en: 'Fees', zh: '费用' },
  noFees: { en: 'None besides interest', zh: '除利息外无其他费用' },
  ofPrincipal: { en: '{percent} % of the principal', zh: '本金的 {percent}%' },
  each: { en: 'with each instalment', zh: '每期收取' },
  upfront: { en: 'once, at payout', zh: '放款时一次性收取' },
  coolingOff: {
    en: 'You may return the loan free of charge within {days} days.',
    zh: '放款后 {days} 天内可无成本退回。',
  },
  responsible: {
    en: 'Borrow only what you can repay. You pay nothing to whoever sent you here.',
    zh: '请根据自身还款能力理性借款。推荐方不向您收取任何费用。',
  },
  termMonths: { en: '{n} months', zh: '{n} 个月' },
  termDays: { en: '{n} days', zh: '{n} 天' },
  yourLoan: { en: 'Your loan', zh: '借款需求' },
  aboutYou: { en: 'About you', zh: '个人信息' },
  agreements: { en: 'Agreements', zh: '协议与授权' },
  choose: { en: 'Please choose', zh: '请选择' },
  amountHint: { en: 'From {min} to {max}, in steps of {step}', zh: '{min} 至 {max}，以 {step} 递增' },
  phoneHint: { en: 'We will text a code to this number.', zh: '我们将向该号码发送验证码。' },
  iAgree: { en: 'I have read and agree to: ', zh: '我已阅读并同意' },
  agreementName: { en: '{name}', zh: '《{name}》' },
  recipients: { en: 'Given to: {names}', zh: '接收方：{names}' },
  aboutText: { en: 'Version of this text', zh: '文本版本' },
  version: { en: 'version {version}', zh: '版本 {version}' },
  fingerprint: { en: 'SHA-256 of the text:', zh: '文本 SHA-256：' },
  readText: { en: 'Read the text', zh: '查看全文' },
  sendCode: { en: 'Send me the code', zh: '获取验证码' },
  sendAgain: { en: 'Send a new code', zh: '重新获取验证码' },
  submit: { en: 'Confirm and apply', zh: '确认并提交申请' },
  codeSent: {
    en: 'We sent a code to {phone}. Enter it below to apply.',
    zh: '验证码已发送至 {phone}，请输入后提交申请。',
  },
  sandboxCode: { en: 'This is a sandbox: the code is 000000.', zh: '当前为沙箱环境，验证码为 000000。' },
  faultyTitle: { en: 'Please check: {title}', zh: '请更正：{title}' },
  fixOne: { en: 'Please correct this:', zh: '请更正以下内容：' },
  fixMany: { en: 'Please correct these {n} entries:', zh: '请更正以下 {n} 项：' },
  colon: { en: ': ', zh: '：' },
  required: { en: 'Please fill this in.', zh: '请填写此项。' },
  chooseOne: { en: 'Please choose one.', zh: '请从列表中选择。' },
  nameInvalid: { en: 'Write your name as it stands on your ID.', zh: '请填写与身份证一致的姓名。' },
  idInvalid: {
    en: 'This is not a valid ID number: check all 18 characters.',
    zh: '身份证号码无效，请核对 18 位号码。',
  },
  phoneInvalid: {
    en: 'This is not a mobile number: 11 digits, such as 13800138000.',
    zh: '手机号码无效，应为 11 位数字。',
  },
  amountInvalid: {
    en: 'Choose from {min} to {max}, in steps of {step}.',
    zh: '请输入 {min} 至 {max}，且以 {step} 递增的金额。',
  },
  valueInvalid: { en: 'This cannot be read: please check it.', zh: '内容有误，请检查。' },
  consentNeeded: {
    en: 'Please tick every box: we can go on only with your agreement.',
    zh: '请勾选全部协议，同意后才能继续。',
  },
  otpNeeded: { en: 'Enter the six digits from the text message.', zh: '请输入短信中的 6 位验证码。' },
  otpWrong: { en: 'This is not the code we sent. Tries left: {n}.', zh: '验证码错误，还可尝试 {n} 次。' },
  otpSpent: { en: 'Too many wrong codes. Ask for a new one.', zh: '错误次数过多，请重新获取验证码。' },
  otpRefused: {
    en: 'We cannot send a code to this number now. Try again later.',
    zh: '暂时无法向该号码发送验证码，请稍后再试。',
  },
  phoneChanged: { en: 'The number was changed: ask for a code for it.', zh: '手机号码已更改，请重新获取验证码。' },
  formExpired: {
    en: 'This form has expired. Ask for a new code; what you wrote is still here.',
    zh: '表单已过期，请重新获取验证码，已填写内容仍保留。',
  },
  formUsed: {
    en: 'This form was sent already with other details. Open the link again to start anew.',
    zh: '该表单已用其他信息提交过，请重新打开链接。',
  },
  cannotHere: {
    en: 'This product asks for documents that cannot be given on this page.',
    zh: '该产品需要的材料无法在本页面提交。',
  },
  notHereTitle: { en: 'This product cannot be applied for here', zh: '该产品无法在此申请' },
  notHereBody: {
    en: 'It asks for photos or checks that this page cannot take. Please apply where you found this link.',
    zh: '该产品需要本页面无法提交的照片或核验，请在您看到此链接的平台上申请。',
  },
  closedTitle: { en: 'No applications right now', zh: '暂不接受申请' },
  closedBody: {
    en: 'This product takes no applications at the moment. Please come back later.',
    zh: '该产品目前暂停受理申请，请稍后再来。',
  },
  handoffGoneTitle: { en: 'This link has been used', zh: '链接已使用或已过期' },
  handoffGoneBody: {
    en: 'It works once and for a few minutes. Go back to where you came from and try again.',
    zh: '该链接仅可使用一次，且数分钟内有效。请返回原页面重新进入。',
  },
  handoffWaitsTitle: { en: 'Open this link in your browser', zh: '请在浏览器中打开此链接' },
  handoffWaitsBody: {
    en: 'It takes you on to the lender.',
    zh: '打开后将前往机构页面。',
  },
  linkUnknownTitle: { en: 'This link does not work', zh: '链接无效' },
  linkUnknownBody: {
    en: 'Check that it was copied whole, or ask whoever gave it to you.',
    zh: '请检查链接是否完整，或联系提供链接的一方。',
  },
  troubleTitle: { en: 'One moment, please', zh: '请稍候' },
  troubleBody: {
    en: 'Something is not working on our side. Nothing is lost: please try again in a moment.',
    zh: '系统暂时出现问题，您的信息不会丢失，请稍后重试。',
  },
  tooLargeTitle: { en: 'This was not a form of ours', zh: '无法识别的表单' },
  tooLargeBody: { en: 'Please open the link again and fill in the form there.', zh: '请重新打开链接填写表单。' },
  yourApplication: { en: 'Your application for {product}', zh: '您的{product}申请' },
  whatNext: { en: 'What happens next', zh: '接下来' },
  reference: { en: 'Reference', zh: '申请编号' },
  refreshing: { en: 'This page refreshes by itself.', zh: '本页面会自动刷新。' },
  continueThere: { en: 'Continue', zh: '继续' },
  offer: {
    en: 'Up to {amount} at {apr} a year, until {date}.',
    zh: '额度最高 {amount}，年化 {apr}，有效期至 {date}。',
  },
  loanSize: { en: '{amount} over {term}', zh: '{amount}，{term}' },
  notBefore: { en: 'You may apply again from {date}.', zh: '您可在 {date} 之后重新申请。' },
  dataSharing: {
    en: 'I agree that {operator} passes what I enter on this page to {lender} and to {funders}, who use it to decide on this application and to service the loan. I may withdraw this agreement at any time.',
    zh: '本人同意{operator}将本页填写的个人信息提供给{lender}及{funders}，用于审批本次申请及后续贷款服务。本人可随时撤回同意。',
  },
  switchLanguage: { en: '中文', zh: 'English' },
} as const;

export type TextName = keyof typeof texts;

/** A sentence in the reader's language, its `{names}` filled in. */
export function say(
  name: TextName,
  language: Language,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return texts[name][language].replace(/\{(\w+)\}/g, (_, value: string) => String(values[value] ?? ''));
}
