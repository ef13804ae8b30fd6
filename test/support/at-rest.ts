import type { Application } from '../../src/applications/model.ts';
import type { LogEvent } from '../../src/events/event.ts';
import type { ClaimReading } from '../../src/screening/claim-store.ts';
import { everyEvent } from './every-event.ts';
import type { TestGateway } from './gateway.ts';

type Hold = NonNullable<ClaimReading['hold']>;

/** One claim as it lies in Redis. */
export interface ClaimAtRest {
  readonly lenderId: string;
  readonly token: string;
  readonly ownerId: string;
}

export interface HoldAtRest {
  readonly lenderId: string;
  readonly token: string;
  readonly hold: Hold;
  /** Real ms until Redis drops it; negative = never. */
  readonly leftMs: number;
}

/** A reservation that its partner is counted for. */
export interface CountedReservation {
  readonly partnerId: string;
  readonly precheckId: string;
  readonly lenderId: string;
  readonly tokens: readonly string[];
}

/** Everything about applications and whom they keep, read while nothing happens. */
export interface AtRest {
  readonly events: readonly LogEvent[];
  readonly applications: ReadonlyMap<string, Application>;
  readonly claims: readonly ClaimAtRest[];
  readonly holds: readonly HoldAtRest[];
  readonly reservations: readonly CountedReservation[];
  /** Members of each daily cap, by its owner, name and day. */
  readonly places: ReadonlyMap<string, readonly string[]>;
}

export async function readAtRest({ redis, keys, gateway }: TestGateway): Promise<AtRest> {
  const events = await everyEvent(redis, keys);
  const ids = [...new Set(events.filter(({ subject }) => subject.startsWith('app_')).map(({ subject }) => subject))];
  const loaded = await Promise.all(ids.map((id) => gateway.rooms.store.load(id)));
  const applications = loaded.flatMap((one) => (one ? [[one.application.id, one.application] as const] : []));
  /** Keys of a kind with what stands behind it, such as `quickcredit:<token>`. */
  const find = async (kind: string) => {
    const names = await redis.keys(`${keys.prefix}{*}:${kind}:*`);
    return names.map((key) => {
      const [, slot = '', rest = ''] = new RegExp(`\\{(.+)\\}:${kind}:(.+)$`).exec(key) ?? [];
      return { key, slot: slot.replace(/^p:/, ''), parts: rest.split(':') };
    });
  };
  const claims = (await find('claim')).map(async ({ key, parts: [lenderId = '', token = ''] }) => {
    const [ownerId = ''] = ((await redis.get(key)) ?? '').split('|');
    return { lenderId, token, ownerId };
  });
  const holds = (await find('hold')).map(async ({ key, parts: [lenderId = '', token = ''] }) => {
    const [text, leftMs] = await Promise.all([redis.get(key), redis.pttl(key)]);
    return text === null ? [] : [{ lenderId, token, hold: JSON.parse(text) as Hold, leftMs }];
  });
  const reservations = (await find('reserved')).map(async ({ key, slot: partnerId, parts: [precheckId = ''] }) =>
    Object.entries(await redis.hgetall(key)).map(([lenderId, tokens]) => {
      return { partnerId, precheckId, lenderId, tokens: JSON.parse(tokens) as string[] };
    }),
  );
  const places = (await find('places')).map(async ({ key, slot, parts }) => {
    return [[slot, ...parts].join(' '), await redis.smembers(key)] as const;
  });
  return {
    events,
    applications: new Map(applications),
    claims: await Promise.all(claims),
    holds: (await Promise.all(holds)).flat(),
    reservations: (await Promise.all(reservations)).flat(),
    places: new Map(await Promise.all(places)),
  };
}

export function tokensOf({ subject }: Application): string[] {
  return [...subject.claims, ...subject.pointers];
}

/** Whether an application keeps its people from others: by its lock, while it is decided about, by a credit or a loan. */
export function keepsItsPeople(application: Application, nowMs: number): boolean {
  const { status, retry_at, lock_until, loans } = application;
  if (status === 'refused' || status === 'screening') return false;
  const isAfter = (at: string | null): boolean => at !== null && Date.parse(at) > nowMs;
  if (isAfter(lock_until)) return true;
  if (status === 'credit_declined') return isAfter(retry_at);
  return loans.length === 0 || loans.some((loan) => !['settled', 'cancelled', 'declined'].includes(loan.status));
}

/** Real time of the first event of a type, epoch ms, by application. */
export function whenEach(events: readonly LogEvent[], type: LogEvent['type']): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  for (const { type: told, subject, position } of events) {
    if (told === type && !times.has(subject)) times.set(subject, Number(position.split('-')[0]));
  }
  return times;
}
