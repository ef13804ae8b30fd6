import { DAY_MS, isoOf } from '../../base/clock.ts';
import { randomIdInShard } from '../../base/ids.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import type { Acknowledgement, Alarm } from './alarm.ts';
import { ALARM_KINDS, type AlarmKind, type Finding } from './finding.ts';

const raiseScript = defineScript<'alarms' | 'on' | 'times', string>({
  file: new URL('./raise-alarm.lua', import.meta.url),
  keys: ['alarms', 'on', 'times'],
  reply: (raw) => String(raw),
});
const endScript = defineScript<'alarms' | 'on', boolean>({
  file: new URL('./end-alarm.lua', import.meta.url),
  keys: ['alarms', 'on'],
  reply: (raw) => raw === 1,
});
const acknowledgeScript = defineScript<'alarms', boolean>({
  file: new URL('./acknowledge-alarm.lua', import.meta.url),
  keys: ['alarms'],
  reply: (raw) => raw === 1,
});

const ALARM_SHARD = 0;
/** How long an alarm that has ended can be read. */
export const KEEP_ALARM_MS = 90 * DAY_MS;
/** Of more, the oldest that have ended are forgotten. */
const ALARMS_MAX = 5_000;

/** An alarm that is on. */
export interface AlarmOn {
  readonly id: string;
  readonly partnerId: string;
  readonly kind: AlarmKind;
}

/** Which alarms to list. */
export interface AlarmFilter {
  readonly partnerId?: string | undefined;
  /** Raised then or later, epoch ms. */
  readonly sinceMs?: number | undefined;
}

/** Alarms of all partners, the same for every process. At most one of each kind is on for a partner. */
export class AlarmStore {
  readonly #client: RedisClient;
  readonly #names: { readonly alarms: string; readonly on: string; readonly times: string };

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#names = {
      alarms: keys.shard(ALARM_SHARD, 'alarms'),
      on: keys.shard(ALARM_SHARD, 'alarms', 'on'),
      times: keys.shard(ALARM_SHARD, 'alarms', 'times'),
    };
  }

  /** Raises an alarm, or notes that the one that is on was seen again. @returns whether this call has raised it, and its id */
  async raise(
    partnerId: string,
    { kind, window, evidence }: Finding,
    nowMs: number,
  ): Promise<{ readonly id: string; readonly isNew: boolean }> {
    const now = isoOf(nowMs);
    const fresh = randomIdInShard('alm', ALARM_SHARD);
    const id = await raiseScript.run(this.#client, this.#names, [
      onName(partnerId, kind),
      fresh,
      JSON.stringify({ id: fresh, partner_id: partnerId, kind, raised_at: now }),
      JSON.stringify({ window, evidence, last_seen_at: now }),
      nowMs,
      KEEP_ALARM_MS,
      ALARMS_MAX,
    ]);
    return { id, isNew: id === fresh };
  }

  /** Ends an alarm. @returns whether this call has ended it */
  end({ id, partnerId, kind }: AlarmOn, nowMs: number): Promise<boolean> {
    return endScript.run(this.#client, this.#names, [onName(partnerId, kind), id, isoOf(nowMs)]);
  }

  /** Alarms that are on, of all partners. */
  async on(): Promise<AlarmOn[]> {
    const stored = await this.#client.hgetall(this.#names.on);
    return Object.entries(stored).flatMap(([name, id]) => {
      const [partnerId = '', kind = ''] = name.split('|');
      return isAlarmKind(kind) ? [{ id, partnerId, kind }] : [];
    });
  }

  /** Alarms of one partner that are on. */
  async onOf(partnerId: string): Promise<AlarmOn[]> {
    const ids = await this.#client.hmget(this.#names.on, ...ALARM_KINDS.map((kind) => onName(partnerId, kind)));
    return ALARM_KINDS.flatMap((kind, at) => {
      const id = ids[at];
      return id ? [{ id, partnerId, kind }] : [];
    });
  }

  /** Alarms, the latest first, as long as they are kept. */
  async list({ partnerId, sinceMs }: AlarmFilter): Promise<Alarm[]> {
    const ids = await this.#client.zrange(this.#names.times, '+inf', sinceMs ?? '-inf', 'BYSCORE', 'REV');
    const alarms = await this.#load(ids);
    return alarms.filter((alarm) => partnerId === undefined || alarm.partner_id === partnerId);
  }

  async find(id: string): Promise<Alarm | undefined> {
    const [alarm] = await this.#load([id]);
    return alarm;
  }

  /** Notes who has seen to it; the first one stays. @returns the alarm, undefined when there is none */
  async acknowledge(id: string, acknowledgement: Acknowledgement): Promise<Alarm | undefined> {
    const args = [id, JSON.stringify(acknowledgement)];
    const isKnown = await acknowledgeScript.run(this.#client, { alarms: this.#names.alarms }, args);
    return isKnown ? this.find(id) : undefined;
  }

  async #load(ids: readonly string[]): Promise<Alarm[]> {
    if (ids.length === 0) return [];
    const fields = ids.flatMap((id) => [id, `${id}:seen`, `${id}:ended`, `${id}:acknowledged`]);
    const stored = await this.#client.hmget(this.#names.alarms, ...fields);
    return ids.flatMap((_, index): Alarm[] => {
      const [fixed, seen, ended, acknowledged] = stored.slice(index * 4, index * 4 + 4);
      if (!fixed || !seen) return [];
      return [
        {
          ...(JSON.parse(fixed) as Pick<Alarm, 'id' | 'partner_id' | 'kind' | 'raised_at'>),
          ...(JSON.parse(seen) as Pick<Alarm, 'window' | 'evidence' | 'last_seen_at'>),
          ended_at: ended ?? null,
          acknowledged: acknowledged ? (JSON.parse(acknowledged) as Acknowledgement) : null,
        },
      ];
    });
  }
}

function onName(partnerId: string, kind: AlarmKind): string {
  return `${partnerId}|${kind}`;
}

function isAlarmKind(text: string): text is AlarmKind {
  return (ALARM_KINDS as readonly string[]).includes(text);
}
