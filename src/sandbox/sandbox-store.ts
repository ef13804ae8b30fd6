import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { defineScript } from '../redis/script.ts';
import type { SandboxBook } from './story/book.ts';
import type { Figure } from './story/day-figures.ts';

/** A book with what has been reported of it. */
export interface StoredBook {
  readonly book: SandboxBook;
  /** As it is stored: a change compares it. */
  readonly text: string;
  /** Transmissions that were answered. */
  readonly sent: number;
  /** Reporting has looked at everything up to here, epoch ms: what is told now happens later. */
  readonly horizonMs: number;
}

/** An event that the gateway refused for good. */
export interface RefusedEvent {
  readonly id: string;
  readonly code: string;
}

export interface BookChange {
  readonly book: SandboxBook;
  /** The text that it replaces; null = there must be none. */
  readonly expected: string | null;
  /** When what changes it happens, epoch ms: must lie after the horizon. */
  readonly atMs: number;
  /** When the next transmission is due; null = there is none. */
  readonly nextDueMs: number | null;
  /** Figures of the day to count with it. */
  readonly figures: readonly Figure[];
}

export interface BookProgress {
  readonly applicationId: string;
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly nextDueMs: number | null;
  readonly refused: readonly RefusedEvent[];
  readonly figures: readonly Figure[];
}

/** A day whose totals were sent, and what is outstanding after it. */
export interface ClosedDay {
  readonly timezone: string;
  /** `YYYY-MM-DD` */
  readonly day: string;
  /** What the day adds, by `<product>|<name>`. */
  readonly carried: readonly Figure[];
  /** Figures of the day, which are not needed any more. */
  readonly fields: readonly string[];
}

/** What of the totals has not been sent. */
export interface OpenTotals {
  /** Figures by `<day>|<product>|<name>`. */
  readonly figures: ReadonlyMap<string, number>;
  /** Figures at the end of the last day that was sent, by `<product>|<name>`. */
  readonly carried: ReadonlyMap<string, number>;
  /** The last day that was sent, by time zone. */
  readonly sentDays: ReadonlyMap<string, string>;
}

type BookKeys = 'books' | 'horizons' | 'due' | 'sent' | 'totals';

const writeScript = defineScript<'books' | 'index' | 'horizons' | 'due' | 'totals', boolean>({
  file: new URL('./write-book.lua', import.meta.url),
  keys: ['books', 'index', 'horizons', 'due', 'totals'],
  reply: (raw) => raw === 1,
});
const takeDueScript = defineScript<Exclude<BookKeys, 'totals'>, [string, string, string][]>({
  file: new URL('./take-due.lua', import.meta.url),
  keys: ['books', 'horizons', 'due', 'sent'],
  reply: (raw) => raw as [string, string, string][],
});
const noteSentScript = defineScript<Exclude<BookKeys, 'horizons'> | 'refused', null>({
  file: new URL('./note-sent.lua', import.meta.url),
  keys: ['books', 'due', 'sent', 'totals', 'refused'],
  reply: () => null,
});

const closeDayScript = defineScript<'totals' | 'carried' | 'days', null>({
  file: new URL('./close-day.lua', import.meta.url),
  keys: ['totals', 'carried', 'days'],
  reply: () => null,
});

/** Refused events that are remembered of one applicant. */
const REFUSED_MAX = 20;

/** The whole core of one sandbox lender, in its own slot. */
export class SandboxStore {
  readonly #client: RedisClient;
  readonly #key: (name: string) => string;

  constructor(client: RedisClient, keys: Keyspace, lenderId: string) {
    this.#client = client;
    this.#key = (name) => keys.sandbox(lenderId, name);
  }

  async read(applicationId: string): Promise<StoredBook | undefined> {
    const [text, sent, horizon] = await Promise.all([
      this.#client.hget(this.#key('books'), applicationId),
      this.#client.hget(this.#key('sent'), applicationId),
      this.#client.hget(this.#key('horizons'), applicationId),
    ]);
    if (text === null) return undefined;
    return { book: JSON.parse(text) as SandboxBook, text, sent: Number(sent ?? 0), horizonMs: Number(horizon ?? 0) };
  }

  /** @returns false when somebody was first: read it again */
  async write({ book, expected, atMs, nextDueMs, figures }: BookChange): Promise<boolean> {
    const id = book.application_id;
    const args = [id, expected ?? '', JSON.stringify(book), atMs, nextDueMs ?? '', ...figures.flatMap(pairOf)];
    const keys = this.#keys('books', 'index', 'horizons', 'due', 'totals');
    return writeScript.run(this.#client, keys, args);
  }

  /** Books with something due at `nowMs` or before, earliest first; from now on nothing can happen to them before that. */
  async takeDue(nowMs: number, limit: number): Promise<StoredBook[]> {
    const keys = this.#keys('books', 'horizons', 'due', 'sent');
    const rows = await takeDueScript.run(this.#client, keys, [nowMs, limit]);
    return rows.map(([, text, sent]) => {
      return { book: JSON.parse(text) as SandboxBook, text, sent: Number(sent), horizonMs: nowMs };
    });
  }

  /** Writes down what was answered; said twice it counts once. */
  async noteSent(progress: readonly BookProgress[], nowMs: number): Promise<void> {
    const keys = this.#keys('books', 'due', 'sent', 'totals', 'refused');
    const note = async ({ applicationId, text, from, to, nextDueMs, refused, figures }: BookProgress) => {
      const kept = refused.length === 0 ? '' : JSON.stringify(await this.#withRefused(applicationId, refused));
      const args = [applicationId, text, from, to, nextDueMs ?? '', nowMs, kept, ...figures.flatMap(pairOf)];
      await noteSentScript.run(this.#client, keys, args);
    };
    await Promise.all(progress.map(note));
  }

  async nextDue(): Promise<number | null> {
    const [, score] = await this.#client.zrange(this.#key('due'), 0, 0, 'WITHSCORES');
    return score === undefined ? null : Number(score);
  }

  async refused(applicationId: string): Promise<RefusedEvent[]> {
    const json = await this.#client.hget(this.#key('refused'), applicationId);
    return json === null ? [] : (JSON.parse(json) as RefusedEvent[]);
  }

  /** Application ids in alphabetical order, those after `after`. */
  async ids(after: string, limit: number): Promise<string[]> {
    return this.#client.zrangebylex(this.#key('index'), after === '' ? '-' : `(${after}`, '+', 'LIMIT', 0, limit);
  }

  /** Counts how often a delivery has come. */
  async countAttempt(deliveryId: string): Promise<number> {
    return this.#client.hincrby(this.#key('attempts'), deliveryId, 1);
  }

  async #withRefused(applicationId: string, refused: readonly RefusedEvent[]): Promise<RefusedEvent[]> {
    const known = await this.refused(applicationId);
    const others = known.filter((one) => refused.every((other) => other.id !== one.id));
    return [...others, ...refused].slice(-REFUSED_MAX);
  }

  async openTotals(): Promise<OpenTotals> {
    const [figures, carried, days] = await Promise.all([
      this.#client.hgetall(this.#key('totals')),
      this.#client.hgetall(this.#key('carried')),
      this.#client.hgetall(this.#key('days')),
    ]);
    return { figures: numbersOf(figures), carried: numbersOf(carried), sentDays: new Map(Object.entries(days)) };
  }

  /** The totals of a day were taken; said twice it counts once. */
  async closeDay({ timezone, day, carried, fields }: ClosedDay): Promise<void> {
    const args = [timezone, day, carried.length, ...carried.flatMap(pairOf), ...fields];
    await closeDayScript.run(this.#client, this.#keys('totals', 'carried', 'days'), args);
  }

  /** Keeps what a hand-off page shows, for so many ms of real time. */
  async keepHandoff(id: string, json: string, ms: number): Promise<void> {
    await this.#client.set(this.#key(`handoff:${id}`), json, 'PX', ms);
  }

  async handoff(id: string): Promise<string | null> {
    return this.#client.get(this.#key(`handoff:${id}`));
  }

  #keys<Name extends string>(...names: Name[]): Record<Name, string> {
    return Object.fromEntries(names.map((name) => [name, this.#key(name)])) as Record<Name, string>;
  }
}

function pairOf({ field, by }: Figure): [string, number] {
  return [field, by];
}

function numbersOf(hash: Readonly<Record<string, string>>): Map<string, number> {
  return new Map(Object.entries(hash).map(([field, value]) => [field, Number(value)]));
}
