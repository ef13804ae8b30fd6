import { type Component, isSameComponent, readComponent } from '../component.ts';
import { fieldValue, toFieldLines } from '../field-lines.ts';
import { parseSignature, type SignatureParameters } from '../parse-signature.ts';
import type { PublicNames } from '../public-names.ts';
import type { CheckedRequest, RawRequest } from '../raw-request.ts';
import { ScanError, type ScannedInnerList, scanInnerLists, scanItems } from '../structured-scanner.ts';

/** Everything of one signature that can be read, whatever else of it is wrong. */
export type SignatureReading = {
  readonly label: string;
  readonly tags: readonly string[];
  /** How many signatures have the wanted tag. */
  readonly count: number;
  readonly list: ScannedInnerList;
  readonly components: readonly Component[];
  /** What of the list of components cannot be read, or is given twice. */
  readonly componentFault: string | undefined;
  readonly parameters: SignatureParameters;
  readonly parameterFault: string | undefined;
  readonly parametersText: string;
  /** Undefined when it is no byte sequence. */
  readonly signature: Buffer | undefined;
};

export type FieldsReading =
  | { readonly ok: true; readonly reading: SignatureReading }
  | { readonly ok: false; readonly field: 'Signature-Input' | 'Signature'; readonly detail: string };

/** Reads the signature that `tag` chooses; where none has it, the first one, so that its other faults can be told too. */
export function readSignatureFields(input: string, value: string, tag: string): FieldsReading {
  const lists = attempt(() => scanInnerLists(input));
  if (typeof lists === 'string') return { ok: false, field: 'Signature-Input', detail: lists };
  const values = attempt(() => scanItems(value));
  if (typeof values === 'string') return { ok: false, field: 'Signature', detail: values };
  const labels = values.map(({ label }) => label);
  if (lists.length !== values.length || !lists.every(({ label }) => labels.includes(label))) {
    const given = `${lists.map(({ label }) => label).join(', ')} and ${labels.join(', ')}`;
    return { ok: false, field: 'Signature', detail: `the labels of the two fields are not the same: ${given}` };
  }
  const tagged = lists.filter((list) => tagOf(list) === tag);
  const [list = lists[0]] = tagged;
  if (list === undefined) return { ok: false, field: 'Signature-Input', detail: 'it is empty' };
  const item = values.find(({ label }) => label === list.label)?.item;
  const signature = item?.type === 'bytes' ? Buffer.from(item.value, 'base64') : undefined;
  const { components, fault: componentFault } = readComponents(list);
  const { parameters, fault: parameterFault } = readParameters(list);
  const exact = parseSignature(input, value, { label: list.label });
  return {
    ok: true,
    reading: {
      label: list.label,
      tags: lists.map((one) => tagOf(one) ?? ''),
      count: tagged.length,
      list,
      components: exact.ok ? exact.signature.components : components,
      componentFault,
      parameters,
      parameterFault,
      parametersText: exact.ok ? exact.signature.parametersText : list.raw,
      signature,
    },
  };
}

/** What the verifier would not even look at, read as far as it goes. */
export function readTolerantly(raw: RawRequest, names: PublicNames): CheckedRequest {
  const fields = toFieldLines(raw.headers);
  const absolute = /^https?:\/\/([^/?#]*)(.*)$/is.exec(raw.target);
  const host = (absolute?.[1] ?? fields.values[fields.names.indexOf('host')] ?? '').trim();
  const target = absolute?.[2] ?? raw.target;
  const mark = target.indexOf('?');
  const name = names.find(host);
  return {
    ok: true,
    kind: 'request',
    method: raw.method,
    scheme: name?.scheme ?? names.defaultScheme,
    authority: name?.authority ?? host.toLowerCase(),
    addressedToUs: name !== undefined,
    target,
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? '' : target.slice(mark),
    fields,
    body: raw.body,
  };
}

/** Why a field cannot be read, in the words of somebody who has seen it often. */
export function syntaxHint(field: 'Signature-Input' | 'Signature', value: string): string {
  if (field === 'Signature') {
    if (/=\s*[^:\s]/.test(value)) return 'Write the signature between colons: sig=:base64:';
    if (/[-_]/.test(value.replace(/^[^:]*:/, '')))
      return 'Write the signature in standard base64 (+ and /), not base64url.';
    return 'Write the signature in base64 with its padding, between colons: sig=:base64:';
  }
  if (!value.includes('('))
    return 'Begin with a label and the covered components: sig=("@method" "@authority" "@path");…';
  if (/\([^)"]*@/.test(value)) return 'Write every covered component in double quotes: ("@method" "@authority").';
  if (/"\s*,\s*"/.test(value)) return 'Separate the covered components by single spaces, not by commas.';
  if (/'/.test(value)) return 'Use double quotes, not single ones.';
  return 'Write it as sig=("@method" "@authority" "@path");created=…;expires=…;nonce="…";keyid="…";tag="sluice"';
}

/** Signatures of the older drafts and of other schemes look like one to their sender. */
export function olderScheme(request: CheckedRequest): string | undefined {
  const candidates = [fieldValue(request.fields, 'authorization'), fieldValue(request.fields, 'signature')];
  if (!candidates.some((value) => value !== undefined && /keyId="/.test(value))) return undefined;
  return 'What was sent follows an old draft (draft-cavage-http-signatures); sign by RFC 9421, which has Signature-Input.';
}

function tagOf(list: ScannedInnerList): string | undefined {
  const item = list.parameters.find(({ key }) => key === 'tag')?.item;
  return item?.type === 'string' ? item.value : undefined;
}

function readComponents(list: ScannedInnerList): { components: Component[]; fault: string | undefined } {
  const components: Component[] = [];
  let fault: string | undefined;
  for (const item of list.items) {
    const reading = readComponent(item);
    if (!reading.ok) fault ??= reading.detail;
    else if (components.some((other) => isSameComponent(other, reading.component))) {
      fault ??= `${item.raw} is covered twice`;
    } else components.push(reading.component);
  }
  return { components, fault };
}

function readParameters(list: ScannedInnerList): { parameters: SignatureParameters; fault: string | undefined } {
  const parameters: SignatureParameters = {};
  let fault: string | undefined;
  for (const { key, item } of list.parameters) {
    switch (key) {
      case 'created':
      case 'expires':
        if (item.type === 'integer' && item.value >= 0) parameters[key] = item.value;
        else fault ??= `${key} is a ${item.type}; write a whole number of seconds without quotes: ${key}=1767225600`;
        break;
      case 'nonce':
      case 'alg':
      case 'keyid':
      case 'tag':
        if (item.type === 'string') parameters[key] = item.value;
        else fault ??= `${key} is a ${item.type}; write it in double quotes: ${key}="…"`;
        break;
      default:
        break;
    }
  }
  return { parameters, fault };
}

function attempt<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (error instanceof ScanError) return error.message;
    throw error;
  }
}
