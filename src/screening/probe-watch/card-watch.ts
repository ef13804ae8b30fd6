import { type Clock, isoOf } from '../../base/clock.ts';
import type { LogEvent } from '../../events/event.ts';
import type { Projection } from '../../events/projection.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import type { AlarmStore } from './alarm-store.ts';
import { detectCardTesting } from './detect-card-testing.ts';
import type { Finding } from './finding.ts';
import type { WatchObserver } from './watch-observer.ts';

export interface CardWatchDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  readonly alarms: AlarmStore;
  /** Real time: who tries stolen cards does not wait for the sandbox clock. */
  readonly realClock: Clock;
  readonly observer: Pick<WatchObserver, 'raised'>;
}

type Count = 'tried' | 'refused';

const COUNTED: Readonly<Record<string, Count>> = { 'card.requested': 'tried', 'card.refused': 'refused' };
const KEEP_SECONDS = 2 * 86_400;
const DAY_LENGTH = 'YYYY-MM-DD'.length;

/**
 * Watches what becomes of the cards of a partner's applicants: somebody who tries stolen numbers is refused over and over. It
 * gives alarm and changes no answer; how many one applicant may try is bounded where cards are bound. Events are counted as a
 * set (within a hundredth), so one that is applied again changes nothing.
 */
export class CardWatch implements Projection {
  readonly name = 'card-watch';
  readonly #deps: CardWatchDeps;

  constructor(deps: CardWatchDeps) {
    this.#deps = deps;
  }

  async apply({ id, type, position, context }: LogEvent): Promise<void> {
    const count = COUNTED[type];
    const partnerId = context?.owner_id;
    if (count === undefined || !partnerId) return;
    const { client, alarms, realClock, observer } = this.#deps;
    const day = dayOf(Number.parseInt(position, 10));
    const key = this.#key(partnerId, day, count);
    await client.multi().pfadd(key, id).expire(key, KEEP_SECONDS).exec();
    // A log that is read again says nothing of today.
    if (count === 'tried' || day !== dayOf(realClock.nowMs())) return;
    const finding = await this.finding(partnerId, false);
    if (finding === undefined) return;
    const raised = await alarms.raise(partnerId, finding, realClock.nowMs());
    if (raised.isNew) observer.raised({ id: raised.id, partnerId, kind: finding.kind }, finding);
  }

  /** What today's cards of a partner look like. @param isOn whether the alarm is on already */
  async finding(partnerId: string, isOn: boolean): Promise<Finding | undefined> {
    const day = dayOf(this.#deps.realClock.nowMs());
    const { client } = this.#deps;
    const [tried, refused] = await Promise.all([
      client.pfcount(this.#key(partnerId, day, 'tried')),
      client.pfcount(this.#key(partnerId, day, 'refused')),
    ]);
    return detectCardTesting({ tried, refused }, isOn);
  }

  #key(partnerId: string, day: string, count: Count): string {
    return this.#deps.keys.partner(partnerId, 'cards', day, count);
  }
}

function dayOf(ms: number): string {
  return isoOf(ms).slice(0, DAY_LENGTH);
}
