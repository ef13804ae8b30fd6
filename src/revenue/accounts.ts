/**
 * The chart of accounts of one contract, and the transfers that each business step makes.
 *
 * | account | its balance (Σ to − Σ from) says |
 * |---|---|
 * | `expense` | minus what the counterparty has earned, before tax |
 * | `pending` | earned but held |
 * | `payable` | earned, not yet on a locked statement |
 * | `stated` | on locked statements and unpaid: the closing balance of the last one |
 * | `tax` | minus the tax on what was earned (input tax) |
 * | `withheld` | withheld from the counterparty for the tax office |
 * | `paid` | paid out |
 *
 * | step | from → to |
 * |---|---|
 * | accrue, held | expense → pending |
 * | accrue, not held | expense → payable |
 * | release | pending → payable |
 * | void | pending → expense |
 * | claw back | payable → expense |
 * | lock: lines | payable → stated |
 * | lock: tax, exclusive | tax → stated |
 * | lock: tax, inclusive | tax → expense (the lines already contain it: cost becomes tax, nothing more is owed) |
 * | lock: withhold | stated → withheld |
 * | pay | stated → paid |
 *
 * A funder owes us by the same accounts, read the other way: its `stated` is our receivable, its `expense` our income.
 *
 * What finance asks for beside these is no account, but a sum over entries of a kind, so that no money lies in two places:
 * what was clawed back is Σ lines of kind `clawback` (a row of its own on every statement's summary and in the journal), margin
 * is what the two sides of one business have booked, kept by month as it is booked. Rounding leaves nothing to be booked:
 * each line, and tax once a statement, is rounded to what is owed, and splits give what is left to the largest remainder.
 *
 * A negative amount makes the same step the other way round; zero makes no transfer. Every transfer takes from one
 * account what it gives to another, so all balances of a contract always sum to zero.
 */
export interface Transfer {
  readonly from: string;
  readonly to: string;
  /** Minor units, > 0. */
  readonly amount: bigint;
}

export type AccountName = 'expense' | 'pending' | 'payable' | 'stated' | 'tax' | 'withheld' | 'paid';

/** Accounts of one contract in one currency. */
export interface Book {
  readonly contract: string;
  readonly currency: string;
}

/** Account as written into the ledger, e.g. `main/CNY/payable`. */
export function account(book: Book, name: AccountName): string {
  return `${book.contract}/${book.currency}/${name}`;
}

/** A commission line of any sign is booked. */
export function accrue(book: Book, amount: bigint, held: boolean): Transfer[] {
  return move(book, 'expense', held ? 'pending' : 'payable', amount);
}

/** A hold ended: the line becomes payable. */
export function release(book: Book, amount: bigint): Transfer[] {
  return move(book, 'pending', 'payable', amount);
}

/** A held line is given up. */
export function voidHeld(book: Book, amount: bigint): Transfer[] {
  return move(book, 'pending', 'expense', amount);
}

/**
 * A line that is no longer held is taken back.
 * @param taken how much, > 0 for what the counterparty gives back
 */
export function clawBack(book: Book, taken: bigint): Transfer[] {
  return move(book, 'payable', 'expense', taken);
}

/** What the lock of a statement books; amounts as they stand on the statement. */
export interface LockAmounts {
  /** Σ lines = accruals + adjustments. */
  readonly lines: bigint;
  /** Tax on top of the lines. */
  readonly tax: bigint;
  /** Tax that the lines contain. */
  readonly taxIncluded: bigint;
  /** Withheld at lock. */
  readonly withheld: bigint;
}

/** A statement is locked. */
export function lockStatement(book: Book, amounts: LockAmounts): Transfer[] {
  return [
    ...move(book, 'payable', 'stated', amounts.lines),
    ...move(book, 'tax', 'stated', amounts.tax),
    ...move(book, 'tax', 'expense', amounts.taxIncluded),
    ...move(book, 'stated', 'withheld', amounts.withheld),
  ];
}

/** Money went out (negative: came back); `withheld` of it went to the tax office instead. */
export function pay(book: Book, amount: bigint, withheld = 0n): Transfer[] {
  return [...move(book, 'stated', 'paid', amount), ...move(book, 'stated', 'withheld', withheld)];
}

/** Balances by account after the given transfers, starting from `balances`. */
export function applyTransfers(
  transfers: Iterable<Transfer>,
  balances: ReadonlyMap<string, bigint> = new Map(),
): Map<string, bigint> {
  const after = new Map(balances);
  for (const { from, to, amount } of transfers) {
    after.set(from, (after.get(from) ?? 0n) - amount);
    after.set(to, (after.get(to) ?? 0n) + amount);
  }
  return after;
}

function move(book: Book, from: AccountName, to: AccountName, amount: bigint): Transfer[] {
  if (amount === 0n) return [];
  const [source, target] = amount > 0n ? [from, to] : [to, from];
  return [{ from: account(book, source), to: account(book, target), amount: amount > 0n ? amount : -amount }];
}
