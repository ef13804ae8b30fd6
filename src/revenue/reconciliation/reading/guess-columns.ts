import { type Cell, cellText } from './source-row.ts';

/** What a reference of theirs names. */
export const REF_KINDS = ['partner_ref', 'application_id', 'lender_ref', 'commission_id'] as const;
export type RefKind = (typeof REF_KINDS)[number];

export const COLUMN_ROLES = ['ref', 'amount', 'date', 'currency', 'rate'] as const;
export type ColumnRole = (typeof COLUMN_ROLES)[number];

/** Which column plays which part, by its header; `#3` is the third column of a file without headers. */
export type ColumnNames = Readonly<Partial<Record<ColumnRole, string>>>;

/** Position of each column, from 0; null = the file has none of this part. */
export type ColumnPositions = Readonly<Record<ColumnRole, number | null>>;

/** Headers by what they name, most telling first; written as `headerKey` gives them. */
const REF_HEADERS: Readonly<Record<RefKind, readonly string[]>> = {
  commission_id: ['commissionid', '佣金编号', '佣金id', '佣金流水号'],
  partner_ref:
    'partnerref 渠道订单号 合作方订单号 平台订单号 商户订单号 我方订单号 渠道流水号 订单号 订单编号 业务单号 业务编号 进件编号 进件号 流水号 orderno ordernumber orderid order outtradeno merchantorderno reference ref bestellnummer referenz 编号 单号 id'.split(
      ' ',
    ),
  application_id: 'applicationid appid 申请编号 申请单号 授信申请编号 申请id'.split(' '),
  lender_ref:
    'lenderref 资方订单号 资金方订单号 资方流水号 机构订单号 机构流水号 借据号 借据编号 放款编号 贷款编号 loanno loanid loannumber'.split(
      ' ',
    ),
};
const HEADERS: Readonly<Record<Exclude<ColumnRole, 'ref'>, readonly string[]>> = {
  amount:
    'commissionamount 佣金金额 分润金额 结算金额 应结金额 应付金额 应收金额 服务费金额 返佣金额 佣金 分润 返佣 服务费 commission payout payable payableamount settlementamount fee amount amountcny 金额 结算费用 费用 provision betrag summe total'.split(
      ' ',
    ),
  date: 'payableat occurredat 结算日期 结算时间 放款日期 放款时间 发生日期 发生时间 业务日期 交易日期 交易时间 授信时间 完成时间 日期 时间 date day datum settlementdate eventdate transactiondate createdat createtime'.split(
    ' ',
  ),
  currency: 'currency ccy 币种 货币 währung'.split(' '),
  rate: 'rate commissionrate 费率 佣金比例 分润比例 佣金费率 分成比例 比例 percent percentage satz'.split(' '),
};
/** Rows of which one may be the header: titles and notes stand above it. */
export const HEADER_ROWS = 20;

/** A header as it is compared: without case, spaces, units in brackets, full-width forms. */
export function headerKey(cell: Cell): string {
  return cellText(cell)
    .toLowerCase()
    .replaceAll(/\([^)]*\)|\[[^\]]*\]|【[^】]*】/g, '')
    .replaceAll(/[\s_\-./:*"'“”]/g, '');
}

/** Kind of reference and column that a header row tells by itself. */
export function guessRef(
  header: readonly Cell[],
  wanted: RefKind | undefined,
): { readonly kind: RefKind; readonly position: number } | undefined {
  const keys = header.map(headerKey);
  for (const kind of wanted === undefined ? GUESS_ORDER : [wanted]) {
    for (const name of REF_HEADERS[kind]) {
      const position = keys.indexOf(name);
      if (position >= 0) return { kind, position };
    }
  }
  return undefined;
}

/** The more a reference tells, the sooner: a commission is one line, an order may be many. */
const GUESS_ORDER: readonly RefKind[] = ['commission_id', 'partner_ref', 'application_id', 'lender_ref'];

/** Position of a column that plays a part, by its header alone. */
export function guessColumn(header: readonly Cell[], role: Exclude<ColumnRole, 'ref'>): number | null {
  const keys = header.map(headerKey);
  for (const name of HEADERS[role]) {
    const position = keys.indexOf(name);
    if (position >= 0) return position;
  }
  return null;
}

/** Position of a column that was named; null where there is none of this name. */
export function namedColumn(header: readonly Cell[], name: string): number | null {
  const numbered = /^#([1-9]\d{0,2})$/.exec(name);
  if (numbered !== null) return Number(numbered[1]) - 1;
  const exact = header.findIndex((cell) => cellText(cell) === name.trim());
  if (exact >= 0) return exact;
  const position = header.map(headerKey).indexOf(headerKey(name));
  return position >= 0 ? position : null;
}

/** Whether every column that is named is named by its position: such a file needs no header. */
export function isPositional(names: ColumnNames): boolean {
  const given = Object.values(names);
  return given.length > 0 && given.every((name) => /^#\d+$/.test(name));
}
