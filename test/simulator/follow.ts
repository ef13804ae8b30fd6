import type { LedgerEntry } from '../../src/revenue/ledger-entry.ts';
import type { Books } from './books.ts';
import type { Doing } from './doing.ts';
import { EventFollower } from './event-follower.ts';
import { followAdjustment, followRefresh, followRelease } from './follow-lines.ts';
import { followCuts, followDrafts, followLock, followPayment } from './follow-periods.ts';
import type { Following } from './following.ts';
import type { Append } from './observer.ts';
import { Violation } from './violation.ts';

/**
 * Takes one write into the books, entry by entry, if it is what it must be.
 * @throws Violation
 */
export function follow(books: Books, append: Append, doing: Doing, nowMs: number): Following {
  const adjustments = doing.adjustments ?? [];
  const following: Following = {
    ...{ books, append, doing, nowMs, adjustments },
    ...{ told: [], touched: new Set<string>(), locked: [], hasPaid: false },
  };
  const events = new EventFollower(following);
  followCuts(following);
  for (const entry of append.entries) {
    events.turnTo(typeof entry.ref.event === 'string' ? entry.ref.event : null);
    followEntry(following, events, entry);
    for (const { from, to, amount } of entry.transfers) {
      books.balances.set(from, (books.balances.get(from) ?? 0n) - BigInt(amount));
      books.balances.set(to, (books.balances.get(to) ?? 0n) + BigInt(amount));
    }
  }
  events.end();
  followDrafts(following);
  return following;
}

function followEntry(following: Following, events: EventFollower, entry: LedgerEntry): void {
  switch (entry.kind) {
    case 'accrual':
    case 'clawback':
      events.earn(entry);
      break;
    case 'void':
      events.void(entry);
      break;
    case 'release':
      if (entry.ref.moved_from === undefined) followRelease(following, entry);
      else followRefresh(following, entry);
      break;
    case 'correction':
    case 'dispute':
    case 'manual':
      followAdjustment(following, entry);
      break;
    case 'lock':
      followLock(following, entry);
      break;
    case 'payment':
      followPayment(following, entry);
      break;
    default:
      throw new Violation('lines', `entry ${entry.seq} of kind ${entry.kind}, which nothing calls for`);
  }
}
