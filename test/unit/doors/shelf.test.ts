import { beforeAll, describe, expect, test } from 'vitest';
import type { Pause } from '../../../src/catalogue/pause.ts';
import type { ProductRecord } from '../../../src/catalogue/product-record.ts';
import { productQuerySchema } from '../../../src/doors/partner/products/select-products.ts';
import { Shelf } from '../../../src/doors/partner/products/shelf.ts';
import { isKnownTag } from '../../../src/http/entity-tag.ts';
import type { Registry } from '../../../src/registry/registry.ts';
import { shippedRegistry, TestClock } from '../../support/intake.ts';
import { registryVariant } from '../../support/registry-variant.ts';

let registry: Registry;
beforeAll(async () => {
  registry = await shippedRegistry();
});

const START = '2026-03-02T10:00:00.000Z';

/** A shelf whose files, pauses and clock a test changes. */
function createShelf() {
  const clock = new TestClock(START);
  const pauses = new Map<string, readonly Pause[]>();
  const updated = new Map<string, string>();
  const state = { registry, epoch: 0, asked: 0 };
  const shelf = new Shelf({
    registry: () => state.registry,
    clock,
    catalogue: {
      get epoch() {
        return state.epoch;
      },
      nextChangeMs: (nowMs) =>
        Math.min(
          ...[...pauses.values()].flat().flatMap(({ until_ms: at }) => (at !== null && at > nowMs ? [at] : [])),
          Infinity,
        ),
      pausesOf: (id) => {
        state.asked += 1;
        return pauses.get(id) ?? [];
      },
      recordOf: (id) => ({ updated_at: updated.get(id) ?? START }) as ProductRecord,
    },
  });
  const page = (text = '', language: 'en' | 'zh' = 'en') => {
    const query = productQuerySchema.parse(Object.fromEntries(new URLSearchParams(text)));
    const { body, etag } = shelf.page(query, language);
    return { etag, ...(JSON.parse(body) as { data: Record<string, unknown>[]; next_cursor: string | null }) };
  };
  return { shelf, state, clock, pauses, updated, page };
}

function pause(untilMs: number | null = null): Pause {
  return { stop: 'new', by: 'operator', until_ms: untilMs, reason: 'r', name: 'n', at: START };
}

function ids({ data }: { data: Record<string, unknown>[] }): unknown[] {
  return data.map(({ id }) => id);
}

describe('the tag of the catalogue', () => {
  test('is strong, the same for the same bytes, and another in another language', () => {
    const { page, state } = createShelf();
    const first = page();
    expect(first.etag).toMatch(/^"[\w-]{22}"$/);
    const asked = state.asked;
    expect(page().etag).toBe(first.etag);
    expect(state.asked).toBe(asked);
    expect(page('', 'zh').etag).not.toBe(first.etag);
    expect(createShelf().page().etag).toBe(first.etag);
  });

  test('changes when something is paused, when that lapses by itself, and when files change what is shown', async () => {
    const { page, pauses, state, clock, updated } = createShelf();
    const open = page().etag;
    pauses.set('quick-cash', [pause(clock.nowMs() + 1_000)]);
    state.epoch += 1;
    const paused = page();
    expect(paused.etag).not.toBe(open);
    expect(paused.data.find(({ id }) => id === 'quick-cash')).toMatchObject({
      status: 'paused',
      stops: [{ stop: 'new', until: '2026-03-02T10:00:01.000Z' }],
    });
    clock.advanceMs(1_000);
    expect(page().etag).toBe(open);
    updated.set('quick-cash', '2026-03-02T10:00:01.000Z');
    state.epoch += 1;
    expect(page().etag).not.toBe(open);
    updated.clear();
    state.registry = await registryVariant({
      'lending/quickcredit/lender.yaml': (content) => {
        content.name = 'Another name';
      },
    });
    expect(page().etag).not.toBe(open);
    state.registry = await registryVariant({
      'traffic/acme/partner.yaml': (content) => {
        content.name = 'Another name';
      },
    });
    expect(page().etag).toBe(open);
  });

  test.each([
    ['"a"', true],
    ['W/"a"', true],
    ['"b", "a"', true],
    ['*', true],
    ['"b"', false],
    ['a', false],
    [undefined, false],
  ])('If-None-Match %s', (value, isKnown) => {
    expect(isKnownTag(value, '"a"')).toBe(isKnown);
  });
});

describe('the order of the catalogue', () => {
  test('is by id, else as asked for, those that are alike by id, rising and falling', () => {
    const { page, updated } = createShelf();
    const all = ids(page());
    expect(all).toEqual([...registry.products.keys()].sort());
    for (const key of ['apr', 'amount', 'term', 'updated_at', 'name']) {
      expect(ids(page(`sort=${key}`)).sort()).toEqual(all);
      expect(ids(page(`sort=-${key}`)).sort()).toEqual(all);
    }
    expect(ids(page('sort=updated_at'))).toEqual(all);
    expect(ids(page('sort=-updated_at'))).toEqual(all);
    updated.set('quick-flex', '2026-03-02T11:00:00.000Z');
    const moved = createShelf();
    moved.updated.set('quick-flex', '2026-03-02T11:00:00.000Z');
    expect(ids(moved.page('sort=-updated_at'))[0]).toBe('quick-flex');
    expect(ids(moved.page('sort=updated_at')).at(-1)).toBe('quick-flex');
    const rates = page('sort=apr').data.map(({ apr }) => Number((apr as { max: string }).max));
    expect(rates).toEqual([...rates].sort((one, other) => one - other));
  });

  test('names are ordered in the language in which they are shown', () => {
    const { page } = createShelf();
    for (const language of ['en', 'zh'] as const) {
      const names = page('sort=name', language).data.map(({ name }) => String(name));
      expect(names).toEqual([...names].sort(new Intl.Collator(language).compare));
    }
  });
});

describe('pages of the catalogue', () => {
  test.each(['', 'sort=apr', 'sort=-amount', 'sort=-updated_at', 'sort=name'])(
    '%s: each product once, in order',
    (sort) => {
      const { page } = createShelf();
      const seen: unknown[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const one = page(`${sort}&limit=2${cursor && `&cursor=${cursor}`}`);
        seen.push(...ids(one));
        cursor = one.next_cursor;
      }
      expect(seen).toEqual(ids(page(sort)));
    },
  );

  test('a product that leaves the page behind does not hide the next one', () => {
    const { page, pauses, state } = createShelf();
    const open = ids(page('status=open'));
    const first = page('status=open&limit=2');
    pauses.set(String(open[0]), [pause()]);
    state.epoch += 1;
    const rest = ids(page(`status=open&limit=50&cursor=${first.next_cursor}`));
    expect([...ids(first), ...rest]).toEqual(open);
  });

  test('a cursor of another order is refused', () => {
    const { page } = createShelf();
    const { next_cursor } = page('limit=1');
    expect(() => page(`sort=apr&limit=1&cursor=${next_cursor}`)).toThrow('cursor');
  });
});
