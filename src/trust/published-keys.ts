import { importVerificationKey, type VerificationKey } from './import-key.ts';
import type { JsonWebKeySet } from './our-keys.ts';

/** A key set is read again for a key id that it does not have … */
const RELOAD_WINDOW_MS = 5_000;
/** … but not more often than so many times in that time: key ids come from strangers. */
const LOADS_PER_WINDOW = 4;

/**
 * A gateway's published keys as somebody who checks its signatures holds them: read when first needed, read again for a key
 * id that is not among them, since a rotation publishes its key before that signs.
 */
export class PublishedKeys {
  readonly #load: () => Promise<JsonWebKeySet>;
  #keys: ReadonlyMap<string, VerificationKey> = new Map();
  #loading: Promise<void> | undefined;
  #windowStartMs = Number.NEGATIVE_INFINITY;
  #loads = 0;
  /** Ids that were not there when the set was read in this window. */
  readonly #missing = new Set<string>();

  /** @param load reads the set, as from `/.well-known/jwks.json` */
  constructor(load: () => Promise<JsonWebKeySet>) {
    this.#load = load;
  }

  /** The key of that id among those read so far. */
  find(keyId: string): VerificationKey | undefined {
    return this.#keys.get(keyId);
  }

  /**
   * The same after reading the set again, if that is due.
   * @throws what `load` throws, or that it was called too often: whether there is such a key is then unknown
   */
  async findFresh(keyId: string): Promise<VerificationKey | undefined> {
    const known = this.#keys.get(keyId);
    this.#openWindow();
    if (known !== undefined || this.#missing.has(keyId)) return known;
    if (this.#loading === undefined && this.#loads >= LOADS_PER_WINDOW)
      throw new Error('the key set was read too often');
    this.#loading ??= this.#reload().finally(() => {
      this.#loading = undefined;
    });
    await this.#loading;
    const found = this.#keys.get(keyId);
    if (found === undefined) this.#missing.add(keyId);
    return found;
  }

  #openWindow(): void {
    const nowMs = performance.now();
    if (nowMs - this.#windowStartMs < RELOAD_WINDOW_MS) return;
    this.#windowStartMs = nowMs;
    this.#loads = 0;
    this.#missing.clear();
  }

  async #reload(): Promise<void> {
    this.#loads += 1;
    const { keys } = await this.#load();
    this.#keys = new Map(keys.flatMap((jwk) => importPublished(jwk)));
  }
}

/** Keys that cannot be read are left out: they are for readers who know more than we do. */
function importPublished(jwk: JsonWebKeySet['keys'][number]): [string, VerificationKey][] {
  const read = importVerificationKey({ id: jwk.kid, alg: 'ed25519', jwk });
  return read.ok ? [[jwk.kid, read.key]] : [];
}
