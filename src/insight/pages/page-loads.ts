import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { DAY_MS } from '../../base/clock.ts';
import type { DeviceClass } from '../../registry/schema/variants.ts';
import { deriveKey } from '../../trust/derive-key.ts';
import type { PageLoad } from './page-event.ts';

/** Pages opened later than this after their click are not counted: by then nobody knows which steps it has taken before. */
export const CLICK_AGE_MAX_MS = 7 * DAY_MS;
/** How long after its opening a page may tell what happened on it. */
export const LOAD_AGE_MAX_MS = DAY_MS;

const ID_BYTES = 6;
/** 96 bits (RFC 2104 §5 asks for 80). */
const MAC_BYTES = 12;
type Packed = [
  id: string,
  clickId: string,
  partnerId: string,
  linkCode: string,
  productId: string,
  variant: string | null,
  device: DeviceClass,
  openedAtMs: number,
];

const SHAPE = /^([\w-]{20,600})\.([\w-]{16})$/;

/** The click that led to a page, as far as the page's count needs it. */
export type LoadedBy = Omit<PageLoad, 'id' | 'openedAtMs'>;

/**
 * Names loads of pages. The name carries what its events count under and is authenticated, so that an event costs no look at the
 * click, and nobody counts on pages that we did not show.
 */
export class PageLoads {
  readonly #key: Buffer;

  constructor(rootSecret: Uint8Array | string) {
    this.#key = deriveKey(rootSecret, 'page-load');
  }

  /** @param nowMs business time */
  open(by: LoadedBy, nowMs: number): { readonly load: PageLoad; readonly name: string } {
    const load = { ...by, id: randomBytes(ID_BYTES).toString('hex'), openedAtMs: nowMs };
    const { id, clickId, partnerId, linkCode, productId, variant, device, openedAtMs } = load;
    const packed: Packed = [id, clickId, partnerId, linkCode, productId, variant, device, openedAtMs];
    const body = Buffer.from(JSON.stringify(packed)).toString('base64url');
    return { load, name: `${body}.${this.#mac(body)}` };
  }

  /** The load of a name; undefined when it is none of ours, or of a page that was opened too long ago. */
  read(name: string, nowMs: number): PageLoad | undefined {
    const [, body, mac] = SHAPE.exec(name) ?? [];
    if (body === undefined || mac === undefined) return undefined;
    if (!timingSafeEqual(Buffer.from(mac), Buffer.from(this.#mac(body)))) return undefined;
    const packed = JSON.parse(Buffer.from(body, 'base64url').toString()) as Packed;
    const [id, clickId, partnerId, linkCode, productId, variant, device, openedAtMs] = packed;
    if (nowMs - openedAtMs > LOAD_AGE_MAX_MS) return undefined;
    return { id, clickId, partnerId, linkCode, productId, variant, device, openedAtMs };
  }

  #mac(body: string): string {
    return createHmac('sha256', this.#key).update(body).digest().toString('base64url', 0, MAC_BYTES);
  }
}
