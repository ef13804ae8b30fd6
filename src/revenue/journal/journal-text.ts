import { jsonMinor } from '../commission-line.ts';
import { csvText } from '../csv-cell.ts';
import { toDecimal } from '../decimal-money.ts';
import { type AccountCodes, codeOf, type JournalAccount } from './journal-account.ts';
import type { Voucher } from './voucher.ts';

export type JournalLanguage = 'zh' | 'en';

export interface JournalStyle {
  readonly codes: AccountCodes;
  readonly language: JournalLanguage;
}

const CRLF = '\r\n';
const COLUMNS = [
  'voucher',
  'date',
  'row',
  'account',
  'ledger_account',
  'debit',
  'credit',
  'currency',
  'description',
  'counterparty',
  'side',
  'payer',
  'contract',
  'period',
  'reference',
  'ledger_seq',
  'ledger_hash',
] as const;

const TEXTS: Readonly<Record<JournalAccount, Readonly<Record<JournalLanguage, string>>>> = {
  expense: { zh: '佣金', en: 'Commission' },
  clawback: { zh: '佣金追回', en: 'Commission taken back' },
  adjustment: { zh: '佣金调整', en: 'Commission adjusted' },
  provision: { zh: '佣金预提', en: 'Commission held, change' },
  pending: { zh: '待释放佣金', en: 'Held commission' },
  stated: { zh: '应付佣金', en: 'Commission owed' },
  tax: { zh: '进项税额', en: 'Input tax' },
  withheld: { zh: '代扣税款', en: 'Tax withheld' },
  paid: { zh: '支付佣金', en: 'Commission paid' },
  income: { zh: '资金方服务收入', en: 'Income from funder' },
  income_clawback: { zh: '资金方收入追回', en: 'Income taken back' },
  income_adjustment: { zh: '资金方收入调整', en: 'Income adjusted' },
  income_provision: { zh: '资金方收入预提', en: 'Income held, change' },
  income_pending: { zh: '待释放收入', en: 'Held income' },
  receivable: { zh: '应收资金方款', en: 'Owed by funder' },
  output_tax: { zh: '销项税额', en: 'Output tax' },
  income_withheld: { zh: '被代扣税款', en: 'Tax withheld by funder' },
  received: { zh: '收到资金方款', en: 'Received from funder' },
};

/** Header row of the CSV. */
export function journalHeader(): string {
  return COLUMNS.join(',') + CRLF;
}

/** A voucher as rows of CSV (RFC 4180, CRLF), amounts as decimals of major units. */
export function voucherCsv(voucher: Voucher, style: JournalStyle): string {
  const { currency, ledger } = voucher;
  const rows = voucher.rows.map(({ account, debit, credit }, index) =>
    [
      voucher.number,
      voucher.date,
      String(index + 1),
      codeOf(account, style.codes),
      account,
      toDecimal(debit, currency),
      toDecimal(credit, currency),
      currency,
      describe(voucher, account, style.language),
      voucher.counterparty,
      voucher.side,
      voucher.payer,
      voucher.contract,
      voucher.period,
      voucher.reference,
      String(ledger.seq),
      ledger.hash,
    ]
      .map(csvText)
      .join(','),
  );
  return rows.map((row) => row + CRLF).join('');
}

/** A voucher as one line of JSON, amounts as integers of minor units. */
export function voucherJson({ rows, ...head }: Voucher, { codes, language }: JournalStyle): string {
  const texts = rows.map(({ account, debit, credit }) => ({
    account: codeOf(account, codes),
    ledger_account: account,
    debit: jsonMinor(debit),
    credit: jsonMinor(credit),
    description: describe(head, account, language),
  }));
  return `${JSON.stringify({ ...head, rows: texts })}\n`;
}

function describe(
  { counterparty, contract, period }: Pick<Voucher, 'counterparty' | 'contract' | 'period'>,
  account: JournalAccount,
  language: JournalLanguage,
): string {
  return `${TEXTS[account][language]} ${counterparty} ${contract} ${period}`;
}
