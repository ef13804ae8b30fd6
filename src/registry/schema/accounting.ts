import { z } from 'zod';

const CODE_MAX = 40;

const code = (text: string) =>
  z
    .string()
    .trim()
    .min(1)
    .max(CODE_MAX)
    .regex(/^[^\s=+@-][^\p{Cc}]*$/u, 'must be the code or name of an account; it must not begin with = + - @')
    .optional()
    .describe(text);

/** Accounts of our bookkeeping by what they are to the ledger; what is not named keeps the ledger's name. */
const accountsSchema = z.strictObject({
  expense: code('Commission earned by partners (佣金支出), a cost'),
  clawback: code('Commission taken back, against the cost; absent = that of expense'),
  adjustment: code('Corrections, disputes and manual lines; absent = that of expense'),
  provision: code('Cost of commission that is earned and still held; absent = that of expense'),
  pending: code('Commission that is earned and still held (预提), a liability'),
  stated: code('Owed to partners by their statements (应付账款), a liability'),
  tax: code('Tax on partners’ invoices (进项税额), an asset'),
  withheld: code('Withheld for the tax office (代扣税款), a liability'),
  paid: code('Where payments come from and go to: the bank account (银行存款)'),
  income: code('What funders owe us for our services (服务收入), an income'),
  income_clawback: code('Income that funders took back; absent = that of income'),
  income_adjustment: code('Corrections of income; absent = that of income'),
  income_provision: code('Income that is earned and still held; absent = that of income'),
  income_pending: code('Earned from funders and still held, an asset'),
  receivable: code('Owed by funders by their statements (应收账款), an asset'),
  output_tax: code('Tax on our invoices to funders (销项税额), a liability'),
  income_withheld: code('Withheld by funders for the tax office, an asset'),
  received: code('Where funders’ payments come in; absent = that of paid'),
});

/** How the ledger's vouchers are written for our accounting system. */
export const accountingSchema = z.strictObject({
  accounts: accountsSchema.prefault({}).describe('Account codes; absent = the ledger’s own names'),
});
