import { businessDay } from '../../base/business-day.ts';
import { type Clock, DAY_MS, SECOND_MS } from '../../base/clock.ts';
import { readVariantMark } from '../../base/variant-mark.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import { type PageEvent, type PageLoad, secondsBucket } from './page-event.ts';
import { CLICK_AGE_MAX_MS, LOAD_AGE_MAX_MS } from './page-loads.ts';
import { pagesKeys } from './pages-keys.ts';
import type { VariantStep } from './variant-results.ts';

/** Marks that all loads of a page by one click may leave together; what is told beyond them does not count. */
export const MARKS_MAX = 100;
/** As long as a click's pages can tell anything, and a day: nobody's clock is quite right. */
const MARKS_KEEP_SECONDS = (CLICK_AGE_MAX_MS + LOAD_AGE_MAX_MS + DAY_MS) / SECOND_MS;
/** As long as clicks are kept by default. */
const DAY_KEEP_SECONDS = 400 * (DAY_MS / SECOND_MS);

const countEvents = defineScript<'click' | 'day' | 'variants', number>({
  file: new URL('./count-page-events.lua', import.meta.url),
  keys: ['click', 'day', 'variants'],
  reply: Number,
});

export interface PageCounterDeps {
  readonly client: RedisClient;
  readonly keys: Keyspace;
  readonly clock: Clock;
  /** IANA zone of a product's business day. */
  readonly timeZoneOf: (productId: string) => string;
}

/** Counts what happens on hosted pages, in the slot of the link's partner. */
export class PageCounter {
  readonly #deps: PageCounterDeps;

  constructor(deps: PageCounterDeps) {
    this.#deps = deps;
  }

  /** Counts events of one load, each once however often it is told. One script. @returns how many counted */
  async count(load: PageLoad, events: readonly PageEvent[]): Promise<number> {
    if (events.length === 0) return 0;
    const { client, keys, clock, timeZoneOf } = this.#deps;
    const { partnerId, linkCode, productId, clickId, device } = load;
    const nowMs = clock.nowMs();
    const mark = readVariantMark(load.variant);
    return countEvents.run(
      client,
      {
        click: pagesKeys.click(keys, partnerId, clickId),
        day: pagesKeys.day(keys, partnerId, linkCode, businessDay(nowMs, timeZoneOf(productId))),
        variants: pagesKeys.variants(keys, partnerId, linkCode),
      },
      [
        MARKS_MAX,
        MARKS_KEEP_SECONDS,
        DAY_KEEP_SECONDS,
        `${device}|${mark?.id ?? ''}|`,
        mark === undefined ? '' : `${mark.split}|${mark.id}|`,
        ...events.flatMap((event) => countOf(event, load, nowMs)),
      ],
    );
  }
}

type Step = Extract<VariantStep, 'views' | 'starts' | 'otp_sent' | 'submits'>;
const STEPS = { view: 'views', start: 'starts', otp_sent: 'otp_sent', submit: 'submits' } as const satisfies Readonly<
  Record<string, Step>
>;

/** Mark, measure, second measure, step. */
function countOf(event: PageEvent, { id, openedAtMs }: PageLoad, nowMs: number): [string, string, string, string] {
  switch (event.type) {
    case 'field_error':
      return [`${id}:${event.key}`, `error:${event.field}:${event.code}`, '', ''];
    case 'leave':
      return [`${id}:leave`, `visible:${event.seconds}`, '', ''];
    case 'submit':
      return [`${id}:submit`, 'submits', `submit_in:${secondsBucket(nowMs - openedAtMs)}`, 'submits'];
    default:
      return [`${id}:${event.type}`, STEPS[event.type], '', STEPS[event.type]];
  }
}
