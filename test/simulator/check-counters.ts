import type { Books } from './books.ts';
import { dayOf, dayText } from './model-arithmetic.ts';
import { mustBe } from './violation.ts';

/** Tiers and caps stand where the lines that move them say. @param stored by key: count, Σ base, Σ amount */
export function checkCounters(books: Books, stored: ReadonlyMap<string, string>): void {
  const sums = new Map<string, { count: bigint; base: bigint; paid: bigint }>();
  for (const { contract, rule, kind, countsIn, occurredAtMs, base, amount } of books.lines.values()) {
    if (kind !== 'accrual' || countsIn === '') continue;
    const byDay = books
      .versionsOf(contract)
      .some(({ rules }) => rules.some(({ id, cap }) => id === rule && cap?.per === 'day'));
    for (const span of spansOf(countsIn, occurredAtMs, byDay)) {
      const key = `${contract}/${rule}/${span}`;
      const sum = sums.get(key) ?? { count: 0n, base: 0n, paid: 0n };
      sums.set(key, { count: sum.count + 1n, base: sum.base + (base ?? 0n), paid: sum.paid + amount });
    }
  }
  for (const key of new Set([...sums.keys(), ...stored.keys()])) {
    const { count = 0n, base = 0n, paid = 0n } = sums.get(key) ?? {};
    mustBe('counters', `counter ${key}`, stored.get(key) ?? NOTHING, `${count},${base},${paid}`);
  }
}

const NOTHING = '0,0,0';

/** Every rule counts by period and month: a later version may price by them. By day only where it is capped by day. */
function spansOf(period: string, occurredAtMs: number, byDay: boolean): string[] {
  const day = dayText(dayOf(occurredAtMs));
  return [`period/${period}`, `month/${day.slice(0, MONTH)}`, ...(byDay ? [`day/${day}`] : [])];
}

const MONTH = 'YYYY-MM'.length;
