import type { Language } from '../../http/accept-language.ts';
import { fillText } from './fill-text.ts';
import { resultTexts } from './result-texts.ts';

/** Sentences of the pages. `{name}` stands for a value. */
const texts = {
  apply: { en: 'Apply for {product}', zh: '申请{product}' },
  lenderOfRecord: { en: 'Lender', zh: '贷款机构' },
  funders: { en: 'Funded by', zh: '资金方' },
  apr: { en: 'APR, interest and all fees included', zh: '年化综合融资成本（含利息及全部费用）' },
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
  knownHint: {
    en: 'Given by {partner}: {value}. Leave this empty if that is right.',
    zh: '{partner}已提供：{value}，无误则无需填写。',
  },
  backTo: { en: 'Back to {partner}', zh: '返回{partner}' },
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
  comma: { en: ', ', zh: '，' },
  semicolon: { en: '; ', zh: '；' },
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
  otpNeeded: { en: 'Enter the code from the text message.', zh: '请输入短信中的验证码。' },
  otpWrong: { en: 'This is not the code we sent. Tries left: {n}.', zh: '验证码错误，还可尝试 {n} 次。' },
  otpSpent: { en: 'Too many wrong codes. Ask for a new one.', zh: '错误次数过多，请重新获取验证码。' },
  otpRefused: {
    en: 'We cannot send a code to this number now. Try again later.',
    zh: '暂时无法向该号码发送验证码，请稍后再试。',
  },
  otpLimited: {
    en: 'Too many codes were asked for. Please try again later.',
    zh: '验证码获取次数过多，请稍后再试。',
  },
  otpFailed: {
    en: 'The code could not be sent just now. Please ask for it again.',
    zh: '验证码暂未发送成功，请重新获取。',
  },
  otpExpired: { en: 'This code is no longer good. Ask for a new one.', zh: '验证码已过期，请重新获取。' },
  phoneChanged: { en: 'The number was changed: ask for a code for it.', zh: '手机号码已更改，请重新获取验证码。' },
  otpWait: {
    en: 'A code was sent a moment ago. You can ask for another one in {n} seconds.',
    zh: '验证码刚刚已发送，{n} 秒后可重新获取。',
  },
  waiting: { en: 'Send a new code ({n} s)', zh: '重新获取验证码（{n} 秒）' },
  busy: { en: 'One moment…', zh: '请稍候…' },
  formExpired: {
    en: 'This form has expired. Ask for a new code; what you wrote is still here, only the agreements have to be ticked again.',
    zh: '表单已过期，请重新获取验证码。已填写内容仍保留，仅需重新勾选协议。',
  },
  textsChanged: {
    en: 'The terms or agreements of this product have changed meanwhile. Please read them again before you go on.',
    zh: '该产品的条件或协议已有更新，请重新阅读后再继续。',
  },
  unreachable: {
    en: 'This did not get through. What you wrote is still here: check your connection and try again.',
    zh: '网络异常，提交未成功。已填写内容仍保留，请检查网络后重试。',
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
  linkPausedTitle: { en: 'This link is switched off', zh: '该链接已停用' },
  linkPausedBody: {
    en: 'Whoever shared it takes nobody by it at the moment. Please ask them for another one.',
    zh: '链接的分享方已暂停使用，请向其索取新的链接。',
  },
  entryRefusedTitle: { en: 'This address is no longer good', zh: '该链接已失效' },
  entryRefusedBody: {
    en: 'It was changed on the way, or its time is over. Please ask whoever sent it to you for a new one.',
    zh: '链接已过期或内容已被更改，请向发送者索取新的链接。',
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
  foreignTitle: { en: 'Please open the link again', zh: '请重新打开链接' },
  foreignBody: {
    en: 'This form was sent from another page than ours, so we did nothing with it.',
    zh: '该表单来自其他页面，我们未做任何处理。',
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
  dataSharing: {
    en: 'I agree that {operator} passes what I enter on this page to {lender} and to {funders}, who use it to decide on this application and to service the loan. I may withdraw this agreement at any time.',
    zh: '本人同意{operator}将本页填写的个人信息提供给{lender}及{funders}，用于审批本次申请及后续贷款服务。本人可随时撤回同意。',
  },
  estimateLevel: { en: 'About {amount} a month, {n} times.', zh: '每月约还 {amount}，共 {n} 期。' },
  estimateFalling: {
    en: '{n} instalments: {first} at first, {last} at the end.',
    zh: '共 {n} 期，首期 {first}，末期 {last}。',
  },
  estimateOnce: { en: '{amount} in one payment on {date}.', zh: '{date} 一次还清 {amount}。' },
  estimateTotal: {
    en: 'You repay {total} in all: {cost} of it interest and fees, an APR of {apr}.',
    zh: '合计还款 {total}，其中利息及费用 {cost}，年化综合成本 {apr}。',
  },
  estimateReceived: {
    en: 'Fees are taken off at payout: you receive {received}.',
    zh: '放款时收取费用，实际到账 {received}。',
  },
  estimateNote: {
    en: 'An estimate as if paid out today. Your contract with {lender} counts.',
    zh: '按今日放款估算，以您与{lender}签订的合同为准。',
  },
  amountSlider: { en: 'Amount, by slider', zh: '滑动选择金额' },
  privacy: { en: 'Who receives your details', zh: '您的信息将提供给谁' },
  privacyOperator: {
    en: '{operator} runs this page: it takes in what you enter, checks it and passes it on. It charges you nothing.',
    zh: '{operator}运营本页面：接收、核验并转交您填写的信息，不向您收取任何费用。',
  },
  privacyLender: {
    en: '{lender} and {funders} receive it once you have confirmed the code, to decide on this application and to service the loan.',
    zh: '您输入验证码确认后，{lender}及{funders}将收到信息，用于审批本次申请及贷款服务。',
  },
  privacyPartner: {
    en: '{partner}, who sent you here, or whoever else recommended this to you before, learns that somebody applied and what came of it: not your name, number or other details.',
    zh: '推荐方{partner}（或此前向您推荐过的其他推荐方）仅获知有申请产生及其结果，不会获得您的姓名、号码等信息。',
  },
  privacyNobody: {
    en: 'Nobody else. Your details are not kept on this device, and not sent before you press a button.',
    zh: '除此之外不提供给任何人。您的个人信息不保存在本设备，点击按钮前不会发送。',
  },
  switchLanguage: { en: '中文', zh: 'English' },
  ...resultTexts,
} as const;

export type TextName = keyof typeof texts;

/** A sentence in the reader's language, its `{names}` filled in. */
export function say(
  name: TextName,
  language: Language,
  values: Readonly<Record<string, string | number>> = {},
): string {
  return fillText(texts[name][language], values);
}

/** A sentence in the reader's language, its `{names}` still in it. */
export function textOf(name: TextName, language: Language): string {
  return texts[name][language];
}
