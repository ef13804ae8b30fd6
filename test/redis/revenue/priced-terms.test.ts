import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { pricedTermsSource } from '../../../src/gateway/priced-terms.ts';
import { RegistryError } from '../../../src/registry/load-registry.ts';
import { type RegistrySource, watchRegistry } from '../../../src/registry/watch-registry.ts';
import { checkLedger } from '../../../src/revenue/check-ledger.ts';
import { createCommissionProjection } from '../../../src/revenue/commission-projection.ts';
import { EventBooker } from '../../../src/revenue/event-booker.ts';
import { LedgerStore } from '../../../src/revenue/ledger-store.ts';
import { PeriodStore } from '../../../src/revenue/period-store.ts';
import { TestClock } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { ACME, type Edit, editFile, partnerFolder, VARIABLES } from '../../unit/registry/partner-folder.ts';
import { createDesk, disbursed, linesOf, logEvent } from './desk.ts';

let redis: TestRedis;
beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

const sources: RegistrySource[] = [];
afterEach(async () => {
  for (const source of sources.splice(0)) await source.close();
});

const CHEAPER: Edit = [ACME, 'percent: "1.5"', 'percent: "1.0"'];
const AT = '2026-01-12T04:00:00.000Z';

async function follow(folder: string): Promise<RegistrySource> {
  const source = await watchRegistry(folder, {
    variables: VARIABLES,
    debounceMs: 60_000,
    pricedTerms: pricedTermsSource(redis.client, redis.keys),
  });
  sources.push(source);
  return source;
}

/** A gateway's commission projection on the files of a folder. */
function projectionOf(source: RegistrySource) {
  const booker = new EventBooker(new LedgerStore(redis.client, redis.keys), new TestClock(AT));
  return createCommissionProjection({ booker, contractsOf: (id) => source.current().contractsOf(id) });
}

describe('a version of terms', () => {
  test('may change until it has priced a commission; then changed content does not load and the last good set stays', async () => {
    const folder = await partnerFolder();
    const source = await follow(folder);
    await editFile(folder, [ACME, 'fixed: 3000', 'fixed: 3100']);
    expect((await source.reload()).lastError).toBeUndefined();
    await projectionOf(source).apply(logEvent('acme', 'loan.disbursed', AT, disbursed(500_000)));
    const good = source.current();

    await editFile(folder, CHEAPER);
    expect((await source.reload()).lastError).toMatchObject([{ file: ACME, code: 'terms_immutable' }]);
    expect(source.current()).toBe(good);
    await expect(follow(folder)).rejects.toThrow(RegistryError);

    await editFile(folder, [ACME, 'percent: "1.0"', 'percent: "1.5"']);
    expect((await source.reload()).lastError).toBeUndefined();
    expect(source.current()).toBe(good);
  });

  test('that is gone from its file after it has priced is warned about', async () => {
    const folder = await partnerFolder([[ACME, 'id: acme-2026\n', 'id: acme-2026b\n']]);
    const source = await follow(folder);
    expect(source.status().warnings).toContainEqual(expect.objectContaining({ code: 'terms_missing', file: ACME }));
  });

  test('prices with one content only, whichever process prices first: another one parks its events', async () => {
    const rules = (percent: string) => [{ id: 'first', on: 'loan.disbursed', pay: { percent, of: 'principal' } }];
    const [first, second] = [
      createDesk(redis, { rules: rules('1.2'), fingerprint: 'before' }),
      createDesk(redis, { rules: rules('1.0'), fingerprint: 'after' }),
    ];
    await first.commission.apply(logEvent('two', 'loan.disbursed', AT, disbursed(500_000)));
    const event = logEvent('two', 'loan.disbursed', AT, disbursed(500_000));
    await expect(second.commission.apply(event)).rejects.toThrow(/has priced commissions with other content/);
    expect(await linesOf(first, 'two')).toMatchObject([{ amount: 6_000 }]);
    await first.commission.apply(event);
    expect(await linesOf(first, 'two')).toMatchObject([{ amount: 6_000 }, { amount: 6_000 }]);
    const periods = new PeriodStore(redis.client, redis.keys);
    expect((await checkLedger({ store: first.store, periods }, 'two')).differences).toEqual([]);
  });
});
