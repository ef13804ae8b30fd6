import { DAY_MS } from '../base/clock.ts';
import type { Product } from '../registry/schema/product.ts';
import type { LenderHttp } from './lender-http.ts';
import type { PostingLender, SandboxObserver } from './sandbox-events.ts';
import type { ClosedDay, OpenTotals } from './sandbox-store.ts';
import type { FigureName } from './story/day-figures.ts';
import { instantOn, moneyIn, nextDay } from './story/terms.ts';

export interface DailyTotalsDeps {
  readonly http: LenderHttp;
  /** The gateway's `/lender/v1/events`, absolute: the totals go beside it. */
  readonly eventsUrl: () => string;
  readonly observer: SandboxObserver;
}

/** A day of one time zone whose totals have not been sent. */
interface OpenDay {
  readonly timezone: string;
  readonly day: string;
  readonly dueMs: number;
}

/** Totals of a day go out at two in the morning of the next one. */
const TOTALS_HOUR = 2;
const CARRIED: readonly FigureName[] = ['outstanding.count', 'outstanding.principal'];
/** The gateway takes totals of about three years; what is younger than this is out of its range as a day to come only. */
const TOO_OLD_MS = 1_090 * DAY_MS;
/** The day is what it is: sending it again cannot help. */
const REFUSED: ReadonlySet<number> = new Set([400, 409, 413, 422]);

/**
 * Sends `PUT /lender/v1/daily-totals/{date}` for each day that has ended, in order, from the first application on. Where the
 * clock is moved over many days, they are sent one after the other when it has come to rest.
 */
export class DailyTotals {
  readonly #deps: DailyTotalsDeps;
  /** The gateway has no such route: it is not asked again while this process lives. */
  #isUnknown = false;

  constructor(deps: DailyTotalsDeps) {
    this.#deps = deps;
  }

  /** @returns how many days were sent. @throws when the gateway did not answer */
  async sendDue(poster: PostingLender, nowMs: number): Promise<number> {
    for (let sent = 0; ; sent += 1) {
      if (this.#isUnknown) return sent;
      const totals = await poster.store.openTotals();
      const [next] = openDays(totals, poster.products);
      if (next === undefined || next.dueMs > nowMs) return sent;
      // Something of before has not been reported: the totals would leave it out.
      const nextEventMs = await poster.store.nextDue();
      if (nextEventMs !== null && nextEventMs < next.dueMs) return sent;
      const isOld = next.dueMs <= nowMs - TOO_OLD_MS;
      const outcome = await this.#send(poster, next, totals, productsIn(poster.products, next.timezone));
      if (outcome === 'unknown_route') return sent;
      // The gateway's clock lags behind ours for a moment: the day is sent again.
      if (outcome === 'out_of_range' && !isOld) return sent;
      if (outcome !== 'taken') this.#deps.observer.rejected(poster.id, `daily-totals:${next.day}`, outcome);
      await poster.store.closeDay(closed(next, totals, productsIn(poster.products, next.timezone)));
    }
  }

  async #send(
    poster: PostingLender,
    { timezone, day }: OpenDay,
    totals: OpenTotals,
    products: readonly Product[],
  ): Promise<DayOutcome> {
    const url = new URL(`daily-totals/${day}`, this.#deps.eventsUrl()).href;
    const body = JSON.stringify({ timezone, products: products.map((product) => totalsOf(product, day, totals)) });
    const { status, body: answer } = await this.#deps.http.send('PUT', url, body, poster.signingKey);
    if (status === 404 || status === 405) {
      this.#isUnknown = true;
      return 'unknown_route';
    }
    if (status === 422 && isOutOfRange(answer)) return 'out_of_range';
    if (REFUSED.has(status)) return `http_${status}`;
    if (status < 200 || status > 299) throw new Error(`the gateway answered ${status} to daily totals`);
    return 'taken';
  }
}

/** What became of one day: it is sent no more once it is taken, or refused for what it is. */
type DayOutcome = 'taken' | 'unknown_route' | 'out_of_range' | `http_${number}`;

function isOutOfRange(answer: string): boolean {
  const { errors = [] } = JSON.parse(answer) as { errors?: readonly { pointer?: string; code?: string }[] };
  return errors.some(({ pointer, code }) => pointer === '/date' && code === 'out_of_range');
}

/** The next open day of every time zone, the one that is due first in front. */
function openDays({ figures, sentDays }: OpenTotals, products: readonly Product[]): OpenDay[] {
  const zones = new Set(products.map((product) => product.timezone));
  const days = [...zones].flatMap((timezone): OpenDay[] => {
    const sent = sentDays.get(timezone);
    const day = sent === undefined ? firstDay(figures, productsIn(products, timezone)) : nextDay(sent);
    return day === undefined ? [] : [{ timezone, day, dueMs: instantOn({ timezone }, nextDay(day), TOTALS_HOUR) }];
  });
  return days.sort((one, other) => one.dueMs - other.dueMs);
}

function firstDay(figures: OpenTotals['figures'], products: readonly Product[]): string | undefined {
  const ids = new Set(products.map((product) => product.id));
  const days = [...figures.keys()].flatMap((field) => {
    const [day = '', product = ''] = field.split('|');
    return ids.has(product) ? [day] : [];
  });
  return days.sort()[0];
}

function productsIn(products: readonly Product[], timezone: string): Product[] {
  return products.filter((product) => product.timezone === timezone);
}

function totalsOf(product: Product, day: string, { figures, carried }: OpenTotals): object {
  const money = moneyIn(product.currency);
  const of = (name: FigureName): number => figures.get(`${day}|${product.id}|${name}`) ?? 0;
  const total = (name: FigureName): number => (carried.get(`${product.id}|${name}`) ?? 0) + of(name);
  return {
    product_id: product.id,
    applications: of('applications'),
    granted: { count: of('granted.count'), amount: money(of('granted.amount')) },
    disbursed: { count: of('disbursed.count'), principal: money(of('disbursed.principal')) },
    paid: {
      count: of('paid.count'),
      principal: money(of('paid.principal')),
      interest: money(of('paid.interest')),
      fees: money(of('paid.fees')),
      penalty: money(of('paid.penalty')),
    },
    outstanding: { count: total('outstanding.count'), principal: money(total('outstanding.principal')) },
  };
}

function closed({ timezone, day }: OpenDay, { figures }: OpenTotals, products: readonly Product[]): ClosedDay {
  const ids = new Set(products.map((product) => product.id));
  const fields = [...figures.keys()].filter((field) => {
    const [of = '', product = ''] = field.split('|');
    return of <= day && ids.has(product);
  });
  const carried = products.flatMap(({ id }) =>
    CARRIED.map((name) => ({ field: `${id}|${name}`, by: figures.get(`${day}|${id}|${name}`) ?? 0 })),
  );
  return { timezone, day, carried, fields };
}
