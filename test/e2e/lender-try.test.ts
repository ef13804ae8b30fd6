import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { OperatorApi } from '../../src/commands/operator-api.ts';
import { runTrial, type TrialOptions } from '../../src/trial/run-trial.ts';
import type { TrialCheck, TrialReport } from '../../src/trial/trial-check.ts';
import { editedPartners } from '../support/edited-partners.ts';
import { ADMIN_TOKEN, startTestGateway, type TestGateway } from '../support/gateway.ts';
import { shippedKey } from '../support/signed-client.ts';
import {
  CORE_FAULTS,
  type CoreFault,
  SLOW_TIMEOUT_MS,
  startTrialCores,
  type TrialCores,
} from '../support/trial-core.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
/** One of each kind, over within eleven days; with SLUICE_TRY_ALL the whole set, whose slow core takes half a minute. */
const SOME = ['0001', '0002', '0011', '0017', '0019', 'repays', 'cancels'];
const PLAYED = process.env.SLUICE_TRY_ALL === undefined ? SOME : undefined;
/** Where something will not come, it is waited for no longer; where all is well, as long as a slow machine needs. */
const SHORT_WAIT_MS = 3_000;
const WAIT_MS = 20_000;
const WAITED_FOR: ReadonlySet<CoreFault> = new Set(['other-currency', 'wrong-sum', 'silent', 'other-answer', 'slow']);

/** Every row that is not passed, by what is wrong with the core. */
const FOUND: Readonly<Record<CoreFault, readonly string[]>> = {
  nothing: [],
  'fails-unknown-product': ['✗ unknown_product'],
  'no-reference': ['✗ redelivery', '✗ at_once'],
  // What it takes twice, it tells twice.
  forgets: ['✗ redelivery', '✗ at_once', '✗ rejected.illegal_transition'],
  'trusts-anybody': ['✗ unsigned', '✗ wrong_signature', '✗ other_body', '✗ expired_signature', '✗ unknown_key'],
  'wrong-order': ['! held', '! order'],
  'other-currency': ['✗ 0000', '✗ rejected.currency_mismatch'],
  'wrong-sum': ['✗ 0000', '✗ rejected.schedule_sum_mismatch'],
  late: ['✗ clock'],
  silent: ['✗ 0000', '✗ 0003', '✗ arrived'],
  strict: ['✗ unknown_field'],
  'other-answer': [
    ...['✗ delivered', '✗ redelivery', '✗ at_once', '✗ unknown_product', '✗ unknown_field', '✗ large_body'],
    ...['✗ answer_schema', '– stories'],
  ],
  slow: [
    ...['✗ redelivery', '✗ at_once', '✗ unknown_product', '✗ unknown_field', '✗ large_body'],
    ...['– answer_schema', '✗ time', '✗ 0000'],
  ],
};

let partners: string;
let cores: TrialCores;
let gateway: TestGateway;
beforeAll(async () => {
  cores = await startTrialCores();
  partners = editedPartners();
  for (const fault of CORE_FAULTS) addLender(fault);
  gateway = await startTestGateway({ variables: { SLUICE_PARTNERS: partners } });
  cores.connect(gateway.url);
});
afterAll(async () => {
  await Promise.all([gateway.stop(), cores.close()]);
  rmSync(partners, { recursive: true, force: true });
});

/** A lender with a core of its own and one product. */
function addLender(fault: CoreFault): void {
  const id = `try-${fault}`;
  const folder = join(partners, 'lending', id);
  const { kty, crv, x } = cores.jwks[fault];
  const lender = {
    id,
    name: id,
    core: { url: cores.url(fault), ...(fault === 'slow' ? { timeout_ms: SLOW_TIMEOUT_MS } : {}) },
    keys: [{ id, alg: 'ed25519', jwk: { kty, crv, x } }],
    products: [
      {
        id: `${id}-cash`,
        name: { en: id, zh: id },
        status: 'open',
        funders: ['harbour'],
        kind: 'instalment',
        currency: 'CNY',
        amount: { min: 100_000, max: 1_000_000, step: 10_000 },
        term: { options: [3], unit: 'month' },
        repayment: 'bullet',
        rate: { annual: '0.18' },
      },
    ],
  };
  mkdirSync(folder);
  writeFileSync(join(folder, 'lender.yaml'), stringify(lender));
}

function tryOut(lenderId: string, options: Partial<TrialOptions> = {}): Promise<TrialReport> {
  process.env.SLUICE_ADMIN_TOKEN = ADMIN_TOKEN;
  return runTrial({
    lenderId,
    url: gateway.url,
    operator: new OperatorApi({ url: gateway.url }),
    partnerId: 'acme',
    key: shippedKey('acme'),
    productId: undefined,
    seed: lenderId,
    stories: ['0000'],
    waitMs: WAIT_MS,
    followsClock: false,
    progress: () => undefined,
    ...options,
  });
}

/** What is not as it should be: sign and id of each row. */
function marked(checks: readonly TrialCheck[]): string[] {
  const signs = { failed: '✗', noted: '!', skipped: '–' };
  return checks.flatMap(({ id, verdict }) => (verdict === 'passed' ? [] : [`${signs[verdict]} ${id}`]));
}

describe('a lender is tried out', () => {
  test('each fault of a core is found in its row, and in no other that it does not reach', async () => {
    const reports = await Promise.all(
      CORE_FAULTS.map(async (fault) => {
        const waitMs = WAITED_FOR.has(fault) ? SHORT_WAIT_MS : WAIT_MS;
        return [fault, await tryOut(`try-${fault}`, { waitMs })] as const;
      }),
    );
    expect(Object.fromEntries(reports.map(([fault, { checks }]) => [fault, marked(checks)]))).toEqual(FOUND);
  });

  test('the sandbox lender passes everything, with the clock moved for it', async () => {
    const report = await tryOut('quickcredit', { stories: PLAYED });
    expect(marked(report.checks)).toEqual([]);
    expect(report).toMatchObject({ passed: true, leftOpen: 0, product: 'quick-cash' });
    expect(report.daysMoved).toBeGreaterThan(10);
  });

  test('as a command it prints JSON and exits 0, 1 for a failure, 2 when it cannot be run', async () => {
    const args = ['--stories', '0001', '--wait', '5s', '--json', '--url', gateway.url];
    const [good, bad, none] = await Promise.all([
      command('riverbank', ...args),
      command('try-forgets', ...args),
      command('nobody', ...args),
    ]);
    expect([good.code, bad.code, none.code, none.err]).toEqual([
      0,
      1,
      2,
      expect.stringContaining('knows no lender nobody'),
    ]);
    const { checks } = JSON.parse(bad.out) as { checks: { id: string; verdict: string; fix: string; guide: string }[] };
    expect(checks.find(({ id }) => id === 'redelivery')).toMatchObject({
      verdict: 'failed',
      fix: expect.stringContaining('Remember delivery_id'),
      guide: `${gateway.url}/docs/guide/lenders#try-answers`,
    });
  });
});

function command(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const env = { ...process.env, SLUICE_ADMIN_TOKEN: ADMIN_TOKEN, NO_COLOR: '1' };
  return new Promise((resolve) => {
    execFile(process.execPath, ['--import', 'tsx', MAIN, 'lender', 'try', ...args], { env }, (error, out, err) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, err });
    });
  });
}
