import { type Clock, isoOf } from '../../../base/clock.ts';
import { aprOfProduct } from '../../../catalogue/apr-of-product.ts';
import type { Catalogue } from '../../../catalogue/catalogue.ts';
import { stopsNow } from '../../../catalogue/pause.ts';
import { fileStatusOf, statusNow } from '../../../catalogue/product-status.ts';
import type { Language } from '../../../http/accept-language.ts';
import { entityTag } from '../../../http/entity-tag.ts';
import type { RegisteredProduct, Registry } from '../../../registry/registry.ts';
import type { ProductView } from './product-schema.ts';
import { type ProductState, productView } from './product-view.ts';
import { type ProductQuery, pageOfProducts, type ShelfItem } from './select-products.ts';

/** What is known of products beside their files. */
export type ShelfSource = Pick<Catalogue, 'epoch' | 'nextChangeMs' | 'pausesOf' | 'recordOf'>;

/** An answer as it goes out, made once. */
export interface ShelfAnswer {
  readonly body: string;
  /** Strong. */
  readonly etag: string;
}

interface ShelfDeps {
  readonly registry: () => Registry;
  readonly clock: Clock;
  readonly catalogue: ShelfSource;
}

/** Answers kept for what partners ask again and again. */
const ANSWERS_MAX = 500;

/** All products as they are at one moment. */
interface Snapshot {
  readonly registry: Registry;
  readonly epoch: number;
  /** Business time from which something else is true. */
  readonly untilMs: number;
  readonly items: ReadonlyMap<string, ShelfItem>;
  readonly answers: Map<string, ShelfAnswer>;
}

/**
 * The catalogue as partners read it. Views, bytes and tags are made once for each state of files and pauses, so that asking
 * again for what has not changed costs a look into a map.
 */
export class Shelf {
  readonly #deps: ShelfDeps;
  #snapshot: Snapshot | undefined;

  constructor(deps: ShelfDeps) {
    this.#deps = deps;
  }

  /** @throws ProblemError 422 for a cursor that is not of this list */
  page(query: ProductQuery, language: Language): ShelfAnswer {
    const { items, answers } = this.#current();
    return remembered(answers, `${language} ${JSON.stringify(query)}`, () => {
      const { data, next_cursor } = pageOfProducts(items.values(), query, language);
      return { data: data.map((item) => item.view(language)), next_cursor };
    });
  }

  /** One product; undefined when there is none of this id. */
  product(id: string, language: Language): ShelfAnswer | undefined {
    const { items, answers } = this.#current();
    const item = items.get(id);
    return item && remembered(answers, `${language} ${id}`, () => item.view(language));
  }

  #current(): Snapshot {
    const { clock, catalogue } = this.#deps;
    const registry = this.#deps.registry();
    const nowMs = clock.nowMs();
    const known = this.#snapshot;
    if (known?.registry === registry && known.epoch === catalogue.epoch && nowMs < known.untilMs) return known;
    const made = {
      registry,
      epoch: catalogue.epoch,
      untilMs: catalogue.nextChangeMs(nowMs),
      items: new Map([...registry.products].map(([id, product]) => [id, itemOf(registry, product, catalogue, nowMs)])),
      answers: new Map(),
    };
    this.#snapshot = made;
    return made;
  }
}

function itemOf(registry: Registry, product: RegisteredProduct, catalogue: ShelfSource, nowMs: number): ShelfItem {
  const pauses = catalogue.pausesOf(product.id);
  const state: ProductState = {
    status: statusNow(fileStatusOf(registry, product), pauses, nowMs),
    stops: stopsNow(pauses, nowMs),
    // A product that came with the last change of the files is written down within a second.
    updatedAt: catalogue.recordOf(product.id)?.updated_at ?? isoOf(nowMs),
  };
  const views = new Map<Language, ProductView>();
  return {
    product,
    state,
    // A rate, not money: a double serves.
    apr: Number(aprOfProduct(product)?.max ?? Number.POSITIVE_INFINITY),
    view(language) {
      const view = views.get(language) ?? productView(registry, product, state, language);
      views.set(language, view);
      return view;
    },
  };
}

function remembered(answers: Map<string, ShelfAnswer>, key: string, make: () => unknown): ShelfAnswer {
  let answer = answers.get(key);
  if (answer === undefined) {
    const body = JSON.stringify(make());
    answer = { body, etag: entityTag(body) };
    if (answers.size >= ANSWERS_MAX) answers.clear();
    answers.set(key, answer);
  }
  return answer;
}
