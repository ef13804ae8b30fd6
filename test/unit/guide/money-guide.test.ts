import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { type QuotableProduct, type Quote, quoteLocally } from '../../../src/applications/quote/quote.ts';
import { problems } from '../../../src/http/problem-catalogue.ts';
import { FIRST_PERIOD_MIN_DAYS } from '../../../src/pricing/due-plan.ts';

function guide(name: string): string {
  return readFileSync(new URL(`../../../openapi/guide/${name}`, import.meta.url), 'utf8');
}

/** Fenced blocks by what stands after their opening. */
function blocks(text: string): Map<string, string> {
  const found = [...text.matchAll(/^```([^\n]+)\n(.*?)\n```$/gms)];
  return new Map(found.map(([, name = '', content = '']) => [name, content]));
}

/** The product of the worked example. */
const product: QuotableProduct = {
  currency: 'CNY',
  amount: { min: 100_000, max: 5_000_000, step: 10_000 },
  term: { options: [3], unit: 'month' },
  repayment: 'equal_instalments',
  rate: { annual: '0.18' },
  fees: [
    { kind: 'service', payee: 'lender', percent: '0.5', when: 'upfront' },
    { kind: 'guarantee', payee: 'guarantor', fixed: 500, when: 'each' },
  ],
};
const request = { amount: 1_200_000n, term: 3, termUnit: 'month', startOn: '2026-01-20' } as const;

function quoteOf(change: Partial<QuotableProduct>): Quote {
  const answer = quoteLocally({ ...product, ...change }, request);
  if (!answer.ok) throw new Error(answer.problem.code);
  return answer.quote;
}

const yuan = (amount: bigint): string => (Number(amount) / 100).toFixed(2);

/** The figures of a quote in the order in which the guide writes them. */
function figures({ schedule, received, total, apr, aprEffective }: Quote): string[] {
  const lines = schedule.map(({ no, dueOn, principal, interest, fees, total: due }) => {
    const charged = fees.reduce((sum, fee) => sum + fee.amount, 0n);
    return [String(no), dueOn, yuan(principal), yuan(interest), yuan(charged), yuan(due)].join(' ');
  });
  return [...lines, `received ${yuan(received)} total ${yuan(total)} apr ${apr} apr_effective ${aprEffective}`];
}

describe.each(['money.md', 'money.zh.md'])('the worked example of %s', (file) => {
  const text = guide(file);
  const shown = (name: string) =>
    (blocks(text).get(name) ?? '')
      .split('\n')
      .slice(1)
      .map((line) => line.replace(/ +/g, ' '));

  test('has the figures that we quote', () => {
    expect(shown('loan regular')).toEqual(figures(quoteOf({})));
    expect(shown('loan due_day')).toEqual(figures(quoteOf({ due_day: 10 })));
  });

  test('has the rate of a month that solves its equation', () => {
    const [, monthly = ''] = /i = (0\.\d+)/.exec(text) ?? [];
    expect((Number(monthly) * 12).toFixed(8)).toBe(quoteOf({ due_day: 10 }).apr);
  });

  test('names the problems that a quote can be answered with, and the shortest first period', () => {
    for (const [, code = ''] of text.matchAll(/(?:409|422|502|503)\s+`(\w+)`/g)) expect(problems).toHaveProperty(code);
    expect(text).toContain(String(FIRST_PERIOD_MIN_DAYS));
  });
});
