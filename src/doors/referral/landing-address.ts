import { SUB_ID_MAX } from '../schemas/sub-ids-schema.ts';

/** Where a link leads, and what goes along. */
export interface Landing {
  /** An address of ours or of the link's; what it says of host, path and query stays. */
  readonly url: string;
  readonly linkCode: string;
  readonly partnerId: string;
  /** Names of the visitor's parameters that go along beside the sub ids. */
  readonly pass: readonly string[];
  /** Parameters that are added, macros not yet filled in; none for the hosted page. */
  readonly params: Readonly<Record<string, string>>;
}

/** What came along in the address of the link: the sub ids, and what may be passed on. Everything else ends here. */
export interface Arriving {
  readonly subIds: Readonly<Record<string, string>>;
  readonly passed: Readonly<Record<string, string>>;
}

const PASSED_MAX = 512;
const SUB_ID = /^sub(?:[1-9]|10)$/;
const CLICK = 'click';
const MACRO = /\{([a-z_]+\d*)\}/g;
const NONE: Readonly<Record<string, string>> = Object.freeze({});
const NOTHING: Arriving = { subIds: NONE, passed: NONE };

/**
 * Reads what may go along. Of a parameter that is given twice the first counts.
 * @param rawQuery what follows the `?`
 */
export function readArriving(rawQuery: string, pass: readonly string[]): Arriving {
  if (rawQuery === '') return NOTHING;
  let subIds: Record<string, string> | undefined;
  let passed: Record<string, string> | undefined;
  for (const [name, value] of new URLSearchParams(rawQuery)) {
    if (value === '') continue;
    if (SUB_ID.test(name)) {
      subIds ??= {};
      subIds[name] ??= cut(value, SUB_ID_MAX);
    } else if (name !== CLICK && pass.includes(name)) {
      // A link may name any parameter: one that is called `__proto__` is a name like another.
      passed ??= Object.create(null) as Record<string, string>;
      passed[name] ??= cut(value, PASSED_MAX);
    }
  }
  return { subIds: subIds ?? NONE, passed: passed ?? NONE };
}

/**
 * The address that the browser is sent to: the landing with `click`, the sub ids, what is passed on and the link's own
 * parameters behind its query, its fragment last. Whatever a visitor sends is encoded and stands behind the `?`: the host is
 * the link's, always. What the landing's own query or the link's parameters say, a visitor does not say again.
 */
export function landingAddress(landing: Landing, clickId: string, { subIds, passed }: Arriving): string {
  const { url, params } = landing;
  const hash = url.indexOf('#');
  const base = hash < 0 ? url : url.slice(0, hash);
  const question = base.indexOf('?');
  let query = `${question < 0 ? '?' : question === base.length - 1 ? '' : '&'}${CLICK}=${clickId}`;
  for (const name in subIds) query += `&${name}=${encodeURIComponent(subIds[name] ?? '')}`;
  for (const name in passed) {
    if (params[name] !== undefined || (question >= 0 && says(base.slice(question + 1), name))) continue;
    query += `&${encodeURIComponent(name)}=${encodeURIComponent(passed[name] ?? '')}`;
  }
  for (const name in params) {
    query += `&${encodeURIComponent(name)}=${encodeURIComponent(fillIn(params[name] ?? '', landing, clickId, subIds))}`;
  }
  return hash < 0 ? `${base}${query}` : `${base}${query}${url.slice(hash)}`;
}

/** `{click_id} {link} {partner_id} {sub1} … {sub10}`; what is not known is empty, what is no macro stays. */
function fillIn(text: string, landing: Landing, clickId: string, subIds: Arriving['subIds']): string {
  return text.replace(MACRO, (whole, name: string) => {
    if (name === 'click_id') return clickId;
    if (name === 'link') return landing.linkCode;
    if (name === 'partner_id') return landing.partnerId;
    return SUB_ID.test(name) ? (subIds[name] ?? '') : whole;
  });
}

function says(query: string, name: string): boolean {
  return new URLSearchParams(query).has(name);
}

/** Never between the halves of a surrogate pair: half a character cannot be written into an address. */
function cut(value: string, max: number): string {
  if (value.length <= max) return value;
  const last = value.charCodeAt(max - 1);
  return value.slice(0, last >= 0xd800 && last <= 0xdbff ? max - 1 : max);
}
