import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { type PageCell, type PageFunnel, pageFunnel } from './page-funnel.ts';
import { pagesKeys } from './pages-keys.ts';
import { NOTHING, type StepCounts, type VariantCounts } from './variant-results.ts';

/** Reads what is counted of hosted pages and variants. */
export class PageReader {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** @param days business days, `YYYY-MM-DD` */
  async funnel(partnerId: string, linkCode: string, days: readonly string[]): Promise<PageFunnel> {
    const cells = await Promise.all(
      days.map(async (day) =>
        cellsOf(day, await this.#client.hgetall(pagesKeys.day(this.#keys, partnerId, linkCode, day))),
      ),
    );
    return pageFunnel(cells.flat());
  }

  /** Everything that a link's variants have brought, from the beginning. */
  async variantCounts(partnerId: string, linkCode: string): Promise<VariantCounts> {
    const counters = await this.#client.hgetall(pagesKeys.variants(this.#keys, partnerId, linkCode));
    const counts = new Map<string, Map<string, StepCounts>>();
    for (const [name, count] of Object.entries(counters)) {
      const [split = '', id = '', step = ''] = name.split('|');
      const variants = counts.get(split) ?? new Map<string, StepCounts>();
      counts.set(split, variants.set(id, { ...(variants.get(id) ?? NOTHING), [step]: Number(count) }));
    }
    return counts;
  }
}

/** `<device>|<variant>|<measure>`; no measure has a bar in it. */
function cellsOf(day: string, counters: Readonly<Record<string, string>>): PageCell[] {
  const cells = new Map<string, Record<string, number>>();
  for (const [name, count] of Object.entries(counters)) {
    const bar = name.lastIndexOf('|');
    const place = name.slice(0, bar);
    const measures = cells.get(place) ?? {};
    measures[name.slice(bar + 1)] = Number(count);
    cells.set(place, measures);
  }
  return [...cells].map(([place, measures]) => {
    const [device = '', variant = ''] = place.split('|');
    return { day, device, variant: variant === '' ? null : variant, measures };
  });
}
