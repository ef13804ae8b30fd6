import type { Language } from '../../http/accept-language.ts';

const TEXTS = {
  title: ['Statement of commissions', '导流佣金结算单'],
  draft: ['Draft: not issued', '草稿：尚未出具'],
  payer: ['Payer', '付款方'],
  payee: ['Payee', '收款方'],
  taxpayer: ['Taxpayer no.', '纳税人识别号'],
  address: ['Address', '地址'],
  account: ['Account ending', '账户尾号'],
  facts_heading: ['Statement', '结算单'],
  number: ['Statement no.', '结算单号'],
  contract: ['Contract', '合同'],
  period: ['Period', '账期'],
  timezone: ['Time zone', '时区'],
  revision: ['Revision', '修订版'],
  status: ['Status', '状态'],
  currency: ['Currency', '币种'],
  acceptBy: ['Accepted by silence on', '默认确认日'],
  dueOn: ['Due on', '应付日'],
  acceptance: ['Accepted', '确认'],
  byClick: ['by {name}, by click, on {at}', '{name} 于 {at} 点击确认'],
  bySignature: ['by {name}, by signature, on {at}', '{name} 于 {at} 签名确认'],
  bySilence: ['by silence on {at}', '{at} 默认确认'],
  account_heading: ['Account', '结算汇总'],
  opening: ['Opening balance', '期初余额'],
  accruals: ['Commissions earned', '本期佣金'],
  adjustments: ['Adjustments', '调整'],
  tax: ['Tax', '税额'],
  withheld: ['Withheld', '代扣'],
  payments: ['Paid in the period', '本期已付'],
  closing: ['Closing balance', '期末余额'],
  due: ['Due for this statement', '本单应付'],
  paid: ['Paid of it', '已付'],
  taxIncluded: ['Tax contained in the commissions', '佣金中含税'],
  pending_heading: ['Held commissions', '待释放佣金'],
  added: ['Newly held', '新增'],
  released: ['Released', '释放'],
  voided: ['Given up', '作废'],
  lines_heading: ['Commissions by rule', '按规则汇总'],
  kind: ['Kind', '类型'],
  rule: ['Rule', '规则'],
  event: ['Event', '事件'],
  count: ['Lines', '笔数'],
  base: ['Base', '基数'],
  amount: ['Amount', '金额'],
  total: ['Total', '合计'],
  proof_heading: ['Proof', '校验'],
  proof: [
    'Every line is in lines.csv; its SHA-256 and the head of our ledger stand below. The statement is signed: sluice ledger verify checks it offline against the keys at {jwks}.',
    '全部明细见 lines.csv，其 SHA-256 与账本链头如下。本结算单已签名，可用 sluice ledger verify 按 {jwks} 公布的公钥离线校验。',
  ],
  linesCount: ['Number of lines', '明细笔数'],
  linesSha256: ['SHA-256 of lines.csv', 'lines.csv 的 SHA-256'],
  ledgerHead: ['Ledger head', '账本链头'],
  invoices: ['Invoices', '发票'],
  forPayer: ['For the payer', '付款方签章'],
  forPayee: ['For the payee', '收款方签章'],
  date: ['Date', '日期'],
  printed: ['Printed {at}', '打印时间 {at}'],
  none: ['none', '无'],
} as const satisfies Record<string, readonly [en: string, zh: string]>;

const STATUSES: Readonly<Record<string, readonly [en: string, zh: string]>> = {
  draft: ['draft', '草稿'],
  issued: ['issued', '已出具'],
  accepted: ['accepted', '已确认'],
  disputed: ['disputed', '有异议'],
  invoiced: ['invoiced', '已开票'],
  part_paid: ['partly paid', '部分已付'],
  paid: ['paid', '已付清'],
  carried: ['carried to the next period', '结转下期'],
};

const KINDS: Readonly<Record<string, readonly [en: string, zh: string]>> = {
  accrual: ['earned', '计提'],
  true_up: ['tier true-up', '阶梯补差'],
  clawback: ['taken back', '追回'],
  correction: ['correction', '更正'],
  dispute: ['dispute', '异议调整'],
  manual: ['manual', '手工调整'],
};

export type PrintText = keyof typeof TEXTS;

/** A text of the printed statement. @param values filled in for {name} */
export function print(text: PrintText, language: Language, values: Readonly<Record<string, string>> = {}): string {
  return TEXTS[text][language === 'zh' ? 1 : 0].replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
}

/** Name of a statement's status. */
export function printStatus(status: string, language: Language): string {
  return STATUSES[status]?.[language === 'zh' ? 1 : 0] ?? status;
}

/** Name of a kind of lines. */
export function printKind(kind: string, language: Language): string {
  return KINDS[kind]?.[language === 'zh' ? 1 : 0] ?? kind;
}
