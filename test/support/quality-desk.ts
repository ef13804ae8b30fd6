import { hash } from 'node:crypto';
import type { ClickFacts, LoggedClick } from '../../src/attribution/clicks/click.ts';
import { ClickStore } from '../../src/attribution/clicks/click-store.ts';
import { BillingBoard } from '../../src/attribution/quality/billing-board.ts';
import { DirtyLinks } from '../../src/attribution/quality/dirty-links.ts';
import { FindingStore } from '../../src/attribution/quality/finding-store.ts';
import { QualityClicks } from '../../src/attribution/quality/quality-clicks.ts';
import { QualityDesk } from '../../src/attribution/quality/quality-desk.ts';
import { QualityJudge } from '../../src/attribution/quality/quality-judge.ts';
import { RestoreClicks } from '../../src/attribution/quality/restore-clicks.ts';
import { TrafficStore } from '../../src/attribution/quality/traffic-store.ts';
import { businessDay } from '../../src/base/business-day.ts';
import { systemClock } from '../../src/base/clock.ts';
import { SHARD_COUNT } from '../../src/base/ids.ts';
import type { ClickCounter } from '../../src/insight/clicks/click-counter.ts';
import { FunnelReader } from '../../src/insight/funnel-reader.ts';
import { trafficQualitySchema } from '../../src/registry/schema/traffic-quality.ts';
import { createTestCounter } from './click-counter.ts';
import type { TestClock } from './intake.ts';
import type { TestRedis } from './redis.ts';

export const ZONE = 'Asia/Shanghai';
export const PARTNER = 'lantern';

/** Everything that judges traffic in one process, over a real Redis; the clicks are recorded and counted as a gateway does. */
export class QualityProcess {
  readonly clock: TestClock;
  readonly traffic: TrafficStore;
  readonly findings: FindingStore;
  readonly board: BillingBoard;
  readonly restores: RestoreClicks;
  readonly consumer: QualityClicks;
  readonly judge: QualityJudge;
  readonly desk: QualityDesk;
  readonly counter: ClickCounter<LoggedClick>;
  readonly funnel: FunnelReader;
  readonly held: number[] = [];
  readonly clickStore: ClickStore;
  #visitors = 0;

  /** @param caps billable clicks a day by link code */
  constructor({ client, keys }: TestRedis, clock: TestClock, caps: Readonly<Record<string, number>> = {}) {
    const throwIt = (error: unknown): never => {
      throw error;
    };
    this.clock = clock;
    this.traffic = new TrafficStore(client, keys);
    this.findings = new FindingStore(client, keys);
    const dirty = new DirtyLinks(client, keys);
    this.board = new BillingBoard({ findings: this.findings, failed: throwIt });
    this.funnel = new FunnelReader(client, keys);
    this.restores = new RestoreClicks({
      client,
      keys,
      clock,
      board: this.board,
      lifetimeMs: 86_400_000,
      caps: {
        dayOf: (_, atMs) => businessDay(atMs, ZONE),
        roomOf: async (partnerId, value, day) => {
          const { clicks } = await this.funnel.read(partnerId, { by: 'link_day', value, day });
          return (caps[value] ?? Number.POSITIVE_INFINITY) - clicks.billable;
        },
      },
    });
    const shared = { traffic: this.traffic, findings: this.findings, board: this.board, clock, realClock: systemClock };
    const placeOf = async () => ({
      productId: 'quick-cash',
      lenderId: 'quickcredit',
      timeZone: ZONE,
      clickMinSeconds: 15,
    });
    this.judge = new QualityJudge({
      ...shared,
      dirty,
      restores: this.restores,
      placeOf,
      settings: () => trafficQualitySchema.parse({}),
      observer: {
        raised: () => undefined,
        ended: () => undefined,
        held: (byPartner) => void this.held.push([...byPartner.values()].reduce((sum, links) => sum + links, 0)),
        failed: throwIt,
      },
    });
    this.desk = new QualityDesk({ ...shared, judge: this.judge, placeOf, partnerOf: async () => PARTNER });
    this.consumer = new QualityClicks({
      store: this.traffic,
      dirty,
      restores: this.restores,
      board: this.board,
      timeZoneOf: () => ZONE,
    });
    this.counter = createTestCounter({ client, keys }, clock, {
      paid: [PARTNER],
      caps,
      isOff: (...click) => this.board.isOff(...click),
    });
    this.counter.add(this.consumer);
    this.clickStore = new ClickStore(client, keys, clock);
  }

  /** Records clicks of so many visitors, each a unique one, and counts them. */
  async click(...clicks: Parameters<QualityProcess['record']>) {
    await this.record(...clicks);
    await this.counter.settle();
  }

  async record(link: string, visitors: number, more: Partial<ClickFacts> | ((n: number) => Partial<ClickFacts>) = {}) {
    const work: Promise<unknown>[] = [];
    for (let n = 0; n < visitors; n += 1) {
      this.#visitors += 1;
      const visitor = hash('md5', String(this.#visitors), 'hex');
      const facts: ClickFacts = {
        link_code: link,
        partner_id: PARTNER,
        product_id: 'quick-cash',
        lender_id: 'quickcredit',
        visitor,
        bot: false,
        speculative: false,
        cause: null,
        entry: null,
        ip: visitor.slice(-16),
        dc: false,
        sub_ids: {},
        at_ms: this.clock.nowMs(),
        ...(typeof more === 'function' ? more(n) : more),
      };
      const shard = this.#visitors % SHARD_COUNT;
      const random = hex(this.#visitors, 14);
      work.push(this.clickStore.record({ shard, cookie: null, random, windowMs: 3_600_000, facts }));
    }
    await Promise.all(work);
  }

  async clicks(link: string) {
    return (await this.funnel.read(PARTNER, { by: 'link', value: link })).clicks;
  }
}

function hex(n: number, digits: number): string {
  return n.toString(16).padStart(digits, '0');
}
