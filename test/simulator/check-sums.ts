import type { Standing } from '../../src/revenue/settlement/read-standing.ts';
import type { Books } from './books.ts';
import type { Append } from './observer.ts';
import { must, mustBe } from './violation.ts';

/** Whatever an entry takes from one account it gives to another, of the same contract. */
export function checkEntryLegs({ entries }: Append): void {
  for (const { seq, contract, transfers } of entries) {
    const sums = new Map<string, bigint>();
    for (const { from, to, amount } of transfers) {
      const own = [from, to].every((account) => account.startsWith(`${contract}/`));
      must('legs', own && from !== to && BigInt(amount) > 0n, `entry ${seq}: ${from} → ${to} ${amount}`);
      sums.set(from, (sums.get(from) ?? 0n) - BigInt(amount));
      sums.set(to, (sums.get(to) ?? 0n) + BigInt(amount));
    }
    mustBe(
      'legs',
      `sum of entry ${seq}`,
      [...sums.values()].reduce((sum, leg) => sum + leg, 0n),
      0n,
    );
  }
}

/** What is stored is what the entries add up to. */
export function checkBalances(books: Books, stored: ReadonlyMap<string, bigint>): void {
  mustBe('balances', 'what is stored', sorted(stored), sorted(withoutZeros(books.balances, stored)));
}

/** Σ statements, payments and the balance of `stated` are one sum; `pending` is what is held. */
export function checkStated(books: Books): void {
  for (const contract of books.contracts) {
    const last = books.statements.filter((one) => one.contract === contract).at(-1);
    const period = last?.period ?? '';
    const after = (what: Parameters<Books['movedAfter']>[2]) => books.movedAfter(contract, period, what);
    const stated = (last?.closing ?? 0n) - after('payments') - after('withheld');
    mustBe('identities', `stated of ${contract}`, books.balance(contract, 'stated'), stated);
    const pending = (last?.pendingClosing ?? 0n) + after('added') - after('released') - after('voided');
    mustBe('identities', `pending of ${contract}`, books.balance(contract, 'pending'), pending);
  }
}

/** What is due less what is paid and prepaid is what the ledger has as stated. */
export function checkStanding(books: Books, { statements, credits }: Standing): void {
  for (const contract of books.contracts) {
    const own = statements.filter(({ statement }) => statement.contract === contract);
    const shares = new Set(own.flatMap(({ share }) => share ?? []));
    let sum = -(credits.get(contract) ?? 0n);
    for (const { due, paid } of shares) {
      must('identities', due < 0n ? paid === due : paid <= due, `paid ${paid} of ${due} on ${contract}`);
      sum += due - paid;
    }
    const waiting = new Set(own.filter(({ share }) => share === undefined).map(({ statement }) => statement.id));
    for (const one of books.statements) if (waiting.has(one.id)) sum += one.own;
    mustBe('identities', `due less paid of ${contract}`, sum, books.balance(contract, 'stated'));
  }
}

/** Statements that are paid. */
export function paidOf({ statements }: Standing): Set<string> {
  const paid = statements.filter(
    ({ status, share }) => status !== 'carried' && share !== undefined && share.paid >= share.due,
  );
  return new Set(paid.map(({ statement }) => statement.id));
}

/** An account that nothing has moved yet may be missing on either side. */
function withoutZeros(model: ReadonlyMap<string, bigint>, stored: ReadonlyMap<string, bigint>): Map<string, bigint> {
  return new Map([...model].filter(([account, amount]) => amount !== 0n || stored.has(account)));
}

function sorted(balances: ReadonlyMap<string, bigint>): unknown {
  return [...balances].sort(([a], [b]) => (a < b ? -1 : 1));
}
