import { type Component, isSameComponent, readComponent } from './component.ts';
import { ScanError, type ScannedInnerList, type ScannedItem, scanInnerLists } from './structured-scanner.ts';

/** One signature that a request asks of its answer (RFC 9421 §5.1), as far as it can be granted to anybody. */
export type AnswerWish = {
  readonly ok: true;
  /** Under which the signature is to stand. */
  readonly label: string;
  /** What is to be covered, in the order asked for; empty = whatever the signer covers by default. */
  readonly components: readonly Component[];
  readonly nonce?: string;
  /** Only these, or none. */
  readonly alg?: string;
  readonly keyid?: string;
  readonly tag?: string;
};

/** Why a wish cannot be granted: a stable word, and what of the wish it is about. */
export type WishFault = {
  readonly ok: false;
  readonly code: 'malformed' | 'component_unknown' | 'parameter_unsupported';
  readonly about: string;
};

/** Longer nonces and tags are nobody's; the bound keeps what we repeat small. */
const MAX_PARAMETER_LENGTH = 256;
/** Each wish may name everything that both messages have, and strangers send them: more are not looked at. */
const MAX_WISHES = 4;

/**
 * Reads the combined value of `Accept-Signature`: each member is a wish of its own, the first four count. `created` and `expires` are asked for
 * without a value, since their values are the signer's (§5.1). Never throws; a value that is no dictionary is one fault.
 */
export function parseAcceptSignature(value: string): readonly (AnswerWish | WishFault)[] {
  try {
    return scanInnerLists(value).slice(0, MAX_WISHES).map(readWish);
  } catch (error) {
    if (error instanceof ScanError) return [{ ok: false, code: 'malformed', about: error.message }];
    throw error;
  }
}

function readWish(list: ScannedInnerList): AnswerWish | WishFault {
  const components: Component[] = [];
  for (const item of list.items) {
    const reading = readComponent(item);
    if (!reading.ok) return { ok: false, code: 'component_unknown', about: item.raw };
    if (components.some((other) => isSameComponent(other, reading.component))) {
      return { ok: false, code: 'malformed', about: `${item.raw} twice` };
    }
    components.push({ ...reading.component, identifier: canonicalIdentifier(item) });
  }
  const wanted: { nonce?: string; alg?: string; keyid?: string; tag?: string } = {};
  for (const { key, item } of list.parameters) {
    switch (key) {
      case 'created':
      case 'expires':
        if (item.value !== true) return { ok: false, code: 'parameter_unsupported', about: key };
        break;
      case 'nonce':
      case 'alg':
      case 'keyid':
      case 'tag':
        if (item.type !== 'string' || item.value.length > MAX_PARAMETER_LENGTH) {
          return { ok: false, code: 'parameter_unsupported', about: key };
        }
        wanted[key] = item.value;
        break;
      default:
        return { ok: false, code: 'parameter_unsupported', about: key };
    }
  }
  return { ok: true, label: list.label, components, ...wanted };
}

/** The identifier as RFC 8941 §4.1 serialises it, whatever the spacing of the wish: this is what gets signed. */
function canonicalIdentifier({ value, parameters }: ScannedItem): string {
  const written = parameters.map(({ key, item }) =>
    item.type === 'string' ? `;${key}=${quoted(item.value)}` : `;${key}`,
  );
  return `${quoted(value)}${written.join('')}`;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, '\\$&')}"`;
}
