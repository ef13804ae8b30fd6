import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Application } from '../../../src/applications/model.ts';
import { decideAttribution } from '../../../src/attribution/decide-attribution.ts';
import type { AttributionVerdict } from '../../../src/base/verdict.ts';
import { funnelKey } from '../../../src/insight/funnel-keys.ts';
import { FunnelReader } from '../../../src/insight/funnel-reader.ts';
import { findLink, type LinkTarget } from '../../../src/intake/find-link.ts';
import { LinkCapBoard } from '../../../src/intake/link-cap-board.ts';
import { submitApplication } from '../../../src/intake/submit-application.ts';
import { createKeyspace } from '../../../src/redis/keyspace.ts';
import type { Registry } from '../../../src/registry/registry.ts';
import { applicationFor, createTestIntake, nextPerson } from '../../support/intake.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';

let redis: TestRedis;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterAll(() => redis.close());

const DAY = '2026-03-02';
const RESET = '2026-03-02T16:00:00.000Z';
const CODE = 'shop-1';
let refs = 0;

/** An intake of its own in which acme has a link with these caps. */
async function withLink(caps: LinkTarget['caps']) {
  const own: TestRedis = { ...redis, keys: createKeyspace(`t${randomBytes(4).toString('hex')}:`) };
  const { deps, clock, registry, use, partner } = await createTestIntake(own);
  const wish = { partner_id: 'acme', product_id: 'quick-cash', landing: 'hosted', fallback_url: null, caps };
  const kept = { same_visitor_hours: 1, pass: [], params: {}, host: null };
  await deps.links.create({ ...wish, ...kept, code: CODE }, '2026-03-01T00:00:00.000Z');
  const target = await findLink(registry, deps.links, CODE);
  if (target === undefined) throw new Error('no link');
  const submit = async (linkCode: string | null = CODE): Promise<Application> => {
    refs += 1;
    const found = decideAttribution({ touches: [], arrivedAtMs: clock.nowMs() });
    const verdict: AttributionVerdict = { ...found, partner_id: 'acme', via: 'click', link_code: linkCode };
    const submitter = {
      partner: partner('acme'),
      origin: 'page',
      introduced: { verdict, owner: partner('acme') },
    } as const;
    const input = applicationFor(registry, nextPerson(), `LINK-${refs}`, 'quick-cash');
    const result = await submitApplication(deps, submitter, input);
    if (result.kind !== 'answered') throw new Error(JSON.stringify(result));
    return result.application;
  };
  const board = new LinkCapBoard({
    registry: deps.registry,
    places: deps.quotas.places,
    funnel: new FunnelReader(own.client, own.keys),
    clock,
    failed: (error) => {
      throw error;
    },
  });
  const isFull = (): boolean => board.isFull(target, clock.nowMs());
  /** What a click finds once what it is about has been read. */
  const isFullNow = async (): Promise<boolean> => {
    isFull();
    await board.refresh();
    return isFull();
  };
  const count = (day: string, counters: Record<string, number>) =>
    own.client.hset(funnelKey(own.keys, 'acme', { by: 'link_day', value: CODE, day }), counters);
  return { own, clock, registry, use, submit, board, target, isFull, isFullNow, count };
}

function outcomes(applications: readonly Application[]): string[] {
  return applications.map(({ status, reason, detail }) => [status, reason, detail].filter(Boolean).join(' ')).sort();
}

describe('applications of the day through a link', () => {
  test('twenty at once at a cap of five: five are accepted, the others are told to come tomorrow', async () => {
    const { submit, own } = await withLink({ applications_per_day: 5 });
    const answers = await Promise.all(Array.from({ length: 20 }, () => submit()));
    expect(outcomes(answers)).toEqual([...Array(5).fill('received'), ...Array(15).fill('refused capped partner')]);
    const refused = answers.filter(({ status }) => status === 'refused');
    expect(new Set(refused.map(({ retry_at }) => retry_at))).toEqual(new Set([RESET]));
    // A refused one keeps no place under any cap.
    expect(await own.client.scard(own.keys.partner('acme', 'places', `link:${CODE}`, DAY))).toBe(5);
    expect(await own.client.scard(own.keys.partner('acme', 'places', 'partner', DAY))).toBe(5);
  });

  test('leave alone what comes by other ways, and begin anew at midnight of the product', async () => {
    const { submit, clock } = await withLink({ applications_per_day: 1 });
    expect(outcomes([await submit(), await submit(), await submit(null), await submit('acme-home')])).toEqual([
      'received',
      'received',
      'received',
      'refused capped partner',
    ]);
    clock.moveTo(RESET);
    expect(await submit()).toMatchObject({ status: 'received' });
  });
});

describe('a click on a link that is full for today', () => {
  test('is told by applications: those that hold a place, and those that began at the lender', async () => {
    const { submit, isFullNow } = await withLink({ applications_per_day: 2 });
    await submit();
    expect(await isFullNow()).toBe(false);
    await submit();
    expect(await isFullNow()).toBe(true);
    const atLender = await withLink({ applications_per_day: 2 });
    await atLender.count(DAY, { applications: 3, refused: 2 });
    expect(await atLender.isFullNow()).toBe(false);
    await atLender.count(DAY, { applications: 4, refused: 2 });
    expect(await atLender.isFullNow()).toBe(true);
  });

  test('is told by billable clicks, until the day of the product is over', async () => {
    const { isFull, isFullNow, count, clock } = await withLink({ clicks_per_day: 10 });
    await count(DAY, { 'clicks.raw': 500, 'clicks.billable': 9 });
    expect(await isFullNow()).toBe(false);
    await count(DAY, { 'clicks.billable': 10 });
    expect(await isFullNow()).toBe(true);
    clock.moveTo('2026-03-02T15:59:59.999Z');
    expect(isFull()).toBe(true);
    clock.moveTo(RESET);
    expect(isFull()).toBe(false);
    expect(await isFullNow()).toBe(false);
  });

  test('is told by the caps of its partner, its product and its lender', async () => {
    const { submit, registry, use, clock, board, target } = await withLink({});
    const lender = registry.lenders.get('quickcredit');
    if (lender === undefined) throw new Error('fixture');
    // A place under a cap is only taken while there is one.
    const lenders = new Map(registry.lenders).set('quickcredit', { ...lender, caps: { applications_per_day: 1 } });
    use({ ...registry, lenders });
    await submit();
    const isFullFor = async (change: Partial<LinkTarget>, known: Registry): Promise<boolean> => {
      use(known);
      board.isFull({ ...target, ...change }, clock.nowMs());
      await board.refresh();
      return board.isFull({ ...target, ...change }, clock.nowMs());
    };
    const limits = { ...target.partner.limits, applications_per_day: 1 };
    expect(await isFullFor({}, registry)).toBe(false);
    expect(await isFullFor({ partner: { ...target.partner, limits } }, registry)).toBe(true);
    expect(await isFullFor({ product: { ...target.product, caps: { applications_per_day: 1 } } }, registry)).toBe(true);
    expect(await isFullFor({}, { ...registry, lenders })).toBe(true);
  });

  test('goes on until the first reading of its process; what was full stays so while Redis is away', async () => {
    const { target, clock } = await withLink({ clicks_per_day: 1 });
    let isAway = false;
    const board = new LinkCapBoard({
      registry: () => ({ lenders: new Map() }) as unknown as Registry,
      places: { count: async () => 0 },
      funnel: {
        read: async () => {
          if (isAway) throw new Error('away');
          return { clicks: { billable: 1 }, applications: 0, refused: 0 } as never;
        },
      },
      clock,
      failed: () => undefined,
    });
    expect(board.isFull(target, clock.nowMs())).toBe(false);
    await board.refresh();
    isAway = true;
    await expect(board.refresh()).rejects.toThrow('away');
    expect(board.isFull(target, clock.nowMs())).toBe(true);
  });

  test('is watched in the background only once it is clicked, and never by more links than the memory is for', async () => {
    let reads = 0;
    const { target, clock } = await withLink({ clicks_per_day: 1 });
    const board = new LinkCapBoard({
      registry: () => ({ lenders: new Map() }) as unknown as Registry,
      places: { count: async () => 0 },
      funnel: {
        read: async () => {
          reads += 1;
          return { clicks: { billable: 1 }, applications: 0, refused: 0 } as never;
        },
      },
      clock,
      failed: () => undefined,
    });
    await board.refresh();
    expect(reads).toBe(0);
    for (let at = 0; at < 3_000; at += 1) board.isFull({ ...target, code: `shop-${at}` }, clock.nowMs());
    await board.refresh();
    expect(reads).toBe(2_000);
    expect(board.isFull({ ...target, code: 'shop-2999' }, clock.nowMs())).toBe(true);
    expect(board.isFull({ ...target, code: 'shop-0' }, clock.nowMs())).toBe(false);
  });
});
