import { isInnerList, parseDictionary, serializeInnerList } from 'structured-headers';
import { type Component, isSameComponent, readComponent } from './component.ts';
import { ScanError, type ScannedInnerList, scanInnerLists, scanItems } from './structured-scanner.ts';

/** The metadata parameters of RFC 9421 §2.3 that a signature carries. Times are epoch seconds. */
export type SignatureParameters = {
  created?: number;
  expires?: number;
  nonce?: string;
  alg?: string;
  keyid?: string;
  tag?: string;
};

/** One signature of a message, read but not verified: nothing in it can be relied upon yet. */
export type ParsedSignature = {
  readonly label: string;
  readonly components: readonly Component[];
  readonly parameters: SignatureParameters;
  /** The value of `@signature-params` in the signature base. */
  readonly parametersText: string;
  readonly signature: Uint8Array;
};

export type SignatureParse =
  | { readonly ok: true; readonly signature: ParsedSignature }
  /** `absent`: no signature for which `wanted` is true. `malformed`: RFC 8941 or RFC 9421 forbid it. */
  | { readonly ok: false; readonly fault: 'absent' | 'malformed'; readonly detail: string };

/** Which signature of several is meant. */
export type SignatureChoice = { readonly tag: string } | { readonly label: string };

/**
 * Reads one signature from the combined values of `Signature-Input` and `Signature`. Labels have no meaning and may be
 * rewritten on the way (RFC 9421 §7.2.5), so a gateway chooses by `tag`; choosing by label is for signatures whose label
 * is known by other means. Signatures of others are only held to the syntax, so that they cannot get in our way.
 */
export function parseSignature(signatureInput: string, signature: string, choice: SignatureChoice): SignatureParse {
  let lists: ScannedInnerList[];
  let values: ReturnType<typeof scanItems>;
  try {
    lists = scanInnerLists(signatureInput);
  } catch (error) {
    return syntaxFault('Signature-Input', error);
  }
  try {
    values = scanItems(signature);
  } catch (error) {
    return syntaxFault('Signature', error);
  }
  // RFC 9421 §4: a label in one of the two fields only is an error.
  if (lists.length !== values.length || !lists.every(({ label }) => values.some((value) => value.label === label))) {
    return malformed('Signature-Input and Signature do not have the same labels');
  }
  const chosen = lists.filter((list) => ('tag' in choice ? hasTag(list, choice.tag) : list.label === choice.label));
  const list = chosen[0];
  if (list === undefined) return { ok: false, fault: 'absent', detail: `no signature has ${describe(choice)}` };
  if (chosen.length > 1) return malformed(`more than one signature has ${describe(choice)}`);
  const value = values.find(({ label }) => label === list.label)?.item;
  if (value?.type !== 'bytes') return malformed('the signature is not a byte sequence');
  return readSignature(list, Buffer.from(value.value, 'base64'));
}

function readSignature(list: ScannedInnerList, signature: Uint8Array): SignatureParse {
  const components: Component[] = [];
  for (const item of list.items) {
    const reading = readComponent(item);
    if (!reading.ok) return malformed(reading.detail);
    if (components.some((other) => isSameComponent(other, reading.component))) {
      return malformed(`${item.raw} is covered twice`);
    }
    components.push(reading.component);
  }
  const parameters: SignatureParameters = {};
  for (const { key, item } of list.parameters) {
    switch (key) {
      case 'created':
      case 'expires':
        if (item.type !== 'integer' || item.value < 0) return malformed(`${key} is not a whole number of seconds`);
        parameters[key] = item.value;
        break;
      case 'nonce':
      case 'alg':
      case 'keyid':
      case 'tag':
        if (item.type !== 'string') return malformed(`${key} is not a string`);
        parameters[key] = item.value;
        break;
      // Parameters that we do not know are covered by the signature like all others and change nothing for us.
      default:
        break;
    }
  }
  if (list.canonical) {
    return { ok: true, signature: { label: list.label, components, parameters, parametersText: list.raw, signature } };
  }
  return reserialised(list, components, parameters, signature);
}

/** RFC 9421 §2.3 signs the canonical serialisation, so a list with odd spacing is serialised anew; rare, hence slow. */
function reserialised(
  list: ScannedInnerList,
  components: readonly Component[],
  parameters: SignatureParameters,
  signature: Uint8Array,
): SignatureParse {
  const member = parseDictionary(`a=${list.raw}`).get('a');
  if (member === undefined || !isInnerList(member)) return malformed('the covered components are not a list');
  const canonical = serializeInnerList(member);
  const [again] = scanInnerLists(`a=${canonical}`);
  const renamed = components.map((component, i) => ({ ...component, identifier: again?.items[i]?.raw ?? '' }));
  return {
    ok: true,
    signature: { label: list.label, components: renamed, parameters, parametersText: canonical, signature },
  };
}

function hasTag(list: ScannedInnerList, tag: string): boolean {
  return list.parameters.some(({ key, item }) => key === 'tag' && item.type === 'string' && item.value === tag);
}

function describe(choice: SignatureChoice): string {
  return 'tag' in choice ? `tag="${choice.tag}"` : `the label "${choice.label}"`;
}

function syntaxFault(field: string, error: unknown): SignatureParse {
  if (error instanceof ScanError) return malformed(`${field}: ${error.message}`);
  throw error;
}

function malformed(detail: string): SignatureParse {
  return { ok: false, fault: 'malformed', detail };
}
