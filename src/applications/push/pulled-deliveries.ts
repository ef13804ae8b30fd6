import { isoOf } from '../../base/clock.ts';
import { ALL_SHARDS, SHARD_COUNT, shardOfId } from '../../base/ids.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { type AnswerDeps, answerDelivery } from './answer-delivery.ts';
import type { DeadLetters } from './dead-letters.ts';
import { type AddressedDelivery, type Delivery, parseDelivery } from './delivery.ts';
import { fromDueScore, toDueScore } from './due-score.ts';
import type { PushAnswer } from './judge-response.ts';
import type { MessageAbout } from './lender-message.ts';
import { isMessageKind } from './message-kind.ts';
import type { Outbox } from './outbox.ts';
import { planDelivery } from './plan-delivery.ts';
import { type PrepareDeps, prepareDelivery } from './prepare-delivery.ts';
import type { SendDeps } from './send-delivery.ts';

export interface PulledDeps extends PrepareDeps, AnswerDeps, Pick<SendDeps, 'coreOf'> {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  readonly outbox: Outbox;
  readonly dead: DeadLetters;
}

/** A message as its lender fetches it: what would have been posted to its core. */
export interface PulledDelivery {
  readonly id: string;
  readonly kind: Delivery['kind'];
  /** Where it would have been posted, below the base URL of a core. */
  readonly path: string;
  readonly applicationId: string;
  /** Epoch ms, real time. */
  readonly queuedMs: number;
  readonly body: unknown;
}

/** Behind which delivery a page begins: shard after shard, in each what came first comes first. */
export interface PullPlace {
  readonly shard: number;
  /** Microsecond of the coming; '0' = the beginning of the shard. */
  readonly place: string;
}

export interface PullPage {
  readonly deliveries: readonly PulledDelivery[];
  /** null = everything has been shown; begin anew to see what has come since, and what is unanswered. */
  readonly next: PullPlace | null;
}

export type PullAnswered =
  | { readonly kind: 'recorded' }
  /** It was answered before. */
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'unknown' }
  /** An earlier one of its application waits for its answer. */
  | { readonly kind: 'out_of_order'; readonly firstId: string };

/** Answered deliveries of a lender that a repeated answer is recognised by. */
const REMEMBERED_MAX = 10_000;
const MICROSECONDS = 1_000;

/**
 * The deliveries of a lender that fetches them instead of having them posted. They wait where all wait, are shown in order
 * until they are answered, and an answer does what a core's would.
 */
export class PulledDeliveries {
  readonly #deps: PulledDeps;

  constructor(deps: PulledDeps) {
    this.#deps = deps;
  }

  /**
   * A page of what waits. Personal data is opened for this answer alone. What nobody needs any more is taken out on the way;
   * what cannot be read any more is given up.
   */
  async list(lenderId: string, after: PullPlace | null, limit: number): Promise<PullPage> {
    const found = await this.#waiting(lenderId, after, limit + 1);
    const looked = found.slice(0, limit);
    const applications = new Set(looked.map(({ addressed }) => addressed.delivery.applicationId));
    const shown = await Promise.all([...applications].map((id) => this.#showAll(looked.filter(isOf(id)))));
    const byId = new Map(shown.flat().map((one) => [one.id, one]));
    const last = looked.at(-1);
    return {
      deliveries: looked.flatMap(({ addressed }) => byId.get(addressed.delivery.id) ?? []),
      next: found.length > limit && last ? { shard: last.shard, place: last.place } : null,
    };
  }

  /** Takes a lender's answer to a delivery in; the delivery leaves the feed. Answers come in the order of an application. */
  async answer(lenderId: string, id: string, answer: PushAnswer): Promise<PullAnswered> {
    const { outbox, client, keys, realClock } = this.#deps;
    const remembered = keys.partner(lenderId, 'core', 'answered');
    const found = await outbox.findById(id);
    const isOurs = found?.lenderId === lenderId;
    const head = isOurs ? await outbox.head(found.delivery.applicationId) : undefined;
    if (!isOurs || !head) {
      const score = await client.zscore(remembered, id);
      return { kind: score === null ? 'unknown' : 'duplicate' };
    }
    if (head.delivery.id !== id) return this.#notFirst(found, head.delivery.id);
    await answerDelivery(this.#deps, found, await this.#aboutOf(found), answer);
    await client.zadd(remembered, realClock.nowMs(), id);
    await client.zremrangebyrank(remembered, 0, -REMEMBERED_MAX - 1);
    return { kind: 'recorded' };
  }

  /** One that was given up waits for nobody, and nobody for it. */
  async #notFirst({ delivery, lenderId }: AddressedDelivery, firstId: string): Promise<PullAnswered> {
    const key = this.#deps.keys.shard(shardOfId(delivery.applicationId), 'waiting', lenderId);
    const waits = (await this.#deps.client.zscore(key, delivery.id)) !== null;
    return waits ? { kind: 'out_of_order', firstId } : { kind: 'unknown' };
  }

  async #aboutOf({ delivery, lenderId }: AddressedDelivery): Promise<MessageAbout> {
    const { store, openMessage } = this.#deps;
    const { id, applicationId, kind } = delivery;
    const sealed = isMessageKind(kind) ? await store.message(applicationId, id) : undefined;
    return (sealed && openMessage(sealed, applicationId, id, lenderId)?.about) || {};
  }

  /** Those of one application, one after the other: what becomes of the first may take the others along. */
  async #showAll(waiting: readonly Waiting[]): Promise<PulledDelivery[]> {
    const shown: PulledDelivery[] = [];
    for (const one of waiting) {
      const delivery = await this.#show(one);
      if (delivery === 'all_gone') break;
      if (delivery) shown.push(delivery);
    }
    return shown;
  }

  async #show({ addressed, place }: Waiting): Promise<PulledDelivery | 'all_gone' | undefined> {
    const { store, outbox, dead, coreOf, realClock } = this.#deps;
    const { delivery, lenderId } = addressed;
    const { id, kind, applicationId } = delivery;
    const current = await store.load(applicationId);
    if (!current) return this.#dropAll(addressed);
    const { application } = current;
    if (coreOf(lenderId, application.product_id) === 'held') return undefined;
    const queue = application.status === 'cancelled' ? await outbox.queueOf(applicationId) : [];
    const cancels = queue.some((one) => one.delivery.kind === 'cancellation');
    const plan = planDelivery(delivery, application, { attempts: await this.#shownBefore(addressed), cancels });
    if (plan.do === 'drop_all') return this.#dropAll(addressed);
    if (plan.do === 'drop') return void (await outbox.remove(addressed, realClock.nowMs()));
    const prepared = await prepareDelivery(this.#deps, delivery, application, plan, Number(place));
    if (prepared.kind === 'gone') return void (await outbox.remove(addressed, realClock.nowMs()));
    if (prepared.kind === 'unreadable') {
      const reason = { error: prepared.error, status: null, attempts: 0, at: isoOf(realClock.nowMs()) };
      return void (await dead.bury(addressed, { ...reason, place: Number(place) }));
    }
    await this.#noteShown(addressed);
    const { path, body } = prepared.message;
    return { id, kind, path, applicationId, queuedMs: Math.floor(Number(place) / MICROSECONDS), body };
  }

  async #dropAll({ delivery, lenderId }: AddressedDelivery): Promise<'all_gone'> {
    await this.#deps.outbox.removeAll(delivery.applicationId, lenderId);
    return 'all_gone';
  }

  /** 1 when the lender has seen the first delivery of the application: then it may know of it. */
  async #shownBefore({ delivery, lenderId }: AddressedDelivery): Promise<number> {
    const { client, keys } = this.#deps;
    const { applicationId } = delivery;
    const score = await client.zscore(keys.shard(shardOfId(applicationId), 'outbox', lenderId), applicationId);
    return score === null ? 0 : fromDueScore(Number(score)).attempts;
  }

  async #noteShown({ delivery, lenderId }: AddressedDelivery): Promise<void> {
    const { client, keys, realClock } = this.#deps;
    const { applicationId } = delivery;
    const score = toDueScore({ dueMs: realClock.nowMs(), attempts: 1 });
    await client.zadd(keys.shard(shardOfId(applicationId), 'outbox', lenderId), 'XX', score, applicationId);
  }

  /** What waits behind a place, shard after shard. */
  async #waiting(lenderId: string, after: PullPlace | null, count: number): Promise<Waiting[]> {
    const { client, keys } = this.#deps;
    const from = after?.shard ?? 0;
    const shards = ALL_SHARDS.slice(from, SHARD_COUNT);
    const lists = await Promise.all(
      shards.map((shard) => {
        const begin = shard === after?.shard ? `(${after.place}` : '-inf';
        const key = keys.shard(shard, 'waiting', lenderId);
        return client.zrange(key, begin, '+inf', 'BYSCORE', 'LIMIT', 0, count, 'WITHSCORES');
      }),
    );
    const places = lists
      .flatMap((flat, index) => pairsOf(flat).map(([id, place]) => ({ shard: shards[index] ?? 0, id, place })))
      .slice(0, count);
    const texts = await Promise.all(places.map(({ shard, id }) => client.hget(keys.shard(shard, 'deliveries'), id)));
    return places.flatMap(({ shard, id, place }, index) => {
      const addressed = parseDelivery(id, texts[index] ?? '');
      return addressed ? [{ shard, place, addressed }] : [];
    });
  }
}

interface Waiting extends PullPlace {
  readonly addressed: AddressedDelivery;
}

function isOf(applicationId: string): (one: Waiting) => boolean {
  return ({ addressed }) => addressed.delivery.applicationId === applicationId;
}

function pairsOf(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index] ?? '', flat[2 * index + 1] ?? '']);
}
