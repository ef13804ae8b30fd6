import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { registerTermsCommand } from '../../../src/commands/terms.ts';
import { UsageError } from '../../../src/commands/usage-error.ts';
import { moneyEventLine } from '../../../src/revenue/trial/money-event-line.ts';
import { SHIPPED_PARTNERS } from '../../support/intake.ts';
import { application, event, loan, shanghai } from '../revenue/fixtures.ts';

let folder: string;
let events: string;
const ACME = readFileSync(join(SHIPPED_PARTNERS, 'traffic/acme/partner.yaml'), 'utf8');

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-terms-'));
  events = join(folder, 'events.ndjson');
  const lent = (no: number, at: string) =>
    event({
      id: `evt_${no}`,
      occurredAtMs: shanghai(at),
      application: application({ id: `app_${no}`, pins: { main: 'acme-2026' }, applicantToken: `person ${no}` }),
      loan: loan({ id: `loan_${no}`, principal: 100_000n }),
    });
  const lines = [lent(1, '2026-01-05'), lent(2, '2026-01-10'), lent(3, '2026-01-20')];
  const cancelled = { ...lent(2, '2026-01-21'), id: 'evt_4', type: 'loan.cancelled' };
  writeFileSync(events, [...lines, cancelled].map((one) => `${moneyEventLine(one, (token) => token)}\n`).join(''));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

/** Runs `sluice terms try` on acme's file with changes. */
async function tryTerms(changes: readonly (readonly [string, string])[], ...flags: string[]) {
  const file = join(folder, 'acme-new.yaml');
  writeFileSync(
    file,
    changes.reduce((text, [from, to]) => text.replace(from, to), ACME),
  );
  const [out, err] = [[] as string[], [] as string[]];
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => out.push(String(chunk)) > 0);
  vi.spyOn(process.stderr, 'write').mockImplementation((chunk) => err.push(String(chunk)) > 0);
  const program = new Command('sluice').exitOverride();
  registerTermsCommand(program);
  const args = ['terms', 'try', file, '--events', events, '--partners', SHIPPED_PARTNERS, ...flags];
  await program.parseAsync(args, { from: 'user' });
  return { file, output: out.join(''), errors: err.join(''), code: process.exitCode };
}

const RAISED = [['percent: "1.5"', 'percent: "2"']] as const;

describe('sluice terms try', () => {
  test('shows what a month would pay under new terms, beside the present ones', async () => {
    const { output, code } = await tryTerms(RAISED, '--json', '--month', '2026-01');
    expect(code).toBeUndefined();
    const { rules, contracts, events: count } = JSON.parse(output);
    expect(count).toBe(4);
    // Held 15 days: the loan of the 20th is payable in February; that of the 10th was cancelled while held.
    const first = rules.filter(({ rule }: { rule: string }) => rule === 'first');
    expect(first).toMatchObject([
      {
        what: 'earned',
        new: { lines: 2, base: 200_000, amount: 4_000 },
        present: { amount: 3_000 },
        difference: 1_000,
      },
      { what: 'taken_back', new: { amount: -2_000 }, present: { amount: -1_500 } },
    ]);
    const net = (side: 'new' | 'present') => contracts[0][side].amount;
    expect(net('new') - net('present')).toBe(500);
    expect(contracts[0].new.tax).toBe(Math.round(net('new') * 0.06));
  });

  test('prints a table, and every line with --lines', async () => {
    const { output } = await tryTerms(RAISED, '--lines');
    expect(output).toContain('acme, all that is payable, 4 events');
    expect(output).toMatch(/main .* first .* earned .* 3 .* 3000\.00 .* 60\.00 .* 45\.00 .* 15\.00/);
    expect(output).toContain('2 % of principal 1000.00 CNY is 20.00 CNY by rule first of acme-2026; held 15 days');
    const { output: json } = await tryTerms(RAISED, '--lines', '--json');
    expect(JSON.parse(json).lines[0]).toMatchObject({
      rule: 'first',
      kind: 'accrual',
      amount: 2_000,
      period: '2026-01-01',
    });
  });

  test('prices everything by one version where asked, as if it had always been in force', async () => {
    const next = ACME.slice(ACME.indexOf('  - id: acme-2026'))
      .replace('acme-2026', 'acme-2030')
      .replace('2026-01-01', '2030-01-01')
      .replace('percent: "1.5"', 'percent: "3"');
    const added = [['terms:\n', `terms:\n`]] as const;
    const file = `${ACME.trimEnd()}\n${next}`;
    const both = [[ACME, file]] as const;
    const amountOf = async (...flags: string[]) => {
      const { output } = await tryTerms([...added, ...both], '--json', ...flags);
      return JSON.parse(output).rules.find(({ rule }: { rule: string }) => rule === 'first').new.amount;
    };
    expect(await amountOf()).toBe(4_500);
    expect(await amountOf('--with', 'acme-2030')).toBe(9_000);
    await expect(tryTerms([...both], '--with', 'acme-2031')).rejects.toThrow(UsageError);
  });

  test('a yaml with errors is told with file, line and path, and exits 1', async () => {
    const { file, errors, output, code } = await tryTerms([['once_per: applicant', 'once_pr: applicant']]);
    expect(errors).toMatch(
      /acme-new\.yaml:\d+:\d+ {2}terms\[0\]\.rules\[0\]\.once_pr {2}unknown key \(did you mean once_per\?\)/,
    );
    expect([output, code, errors.startsWith(file)]).toEqual(['', 1, true]);
  });

  test('a file of events that is none is told line by line, and exits 1', async () => {
    const good = readFileSync(events, 'utf8');
    writeFileSync(events, `${good}{"id":"evt_9"}\nnonsense\n`);
    try {
      const { errors, output, code } = await tryTerms([]);
      expect(errors).toMatch(/events\.ndjson:5 {2}\/counterparty /);
      expect(errors).toContain('events.ndjson:6  is no JSON');
      expect([output, code]).toEqual(['', 1]);
    } finally {
      writeFileSync(events, good);
    }
  });

  test('events that the new terms cannot price are counted and named, and exit 1', async () => {
    const good = readFileSync(events, 'utf8');
    writeFileSync(events, good.replaceAll('"term_unit":"month"', '"term_unit":"day"'));
    try {
      const { errors, output, code } = await tryTerms(
        [['of: principal }', 'of: principal, annualised: true }']],
        '--json',
      );
      expect([code, errors]).toEqual([1, expect.stringContaining('3 events cannot be priced: ')]);
      expect(JSON.parse(output).unpriced).toMatchObject([
        { count: 3, problem: expect.stringContaining('term is in months') },
      ]);
    } finally {
      writeFileSync(events, good);
    }
  });
});
