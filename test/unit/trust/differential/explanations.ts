import { createHash } from 'node:crypto';
import { isInnerList, parseDictionary, serializeInnerList } from 'structured-headers';
import { nativePolicy } from '../../../../src/trust/signature-policy.ts';
import { fieldText, labelsWithTag, type Verdict } from './verdicts.ts';
import { originOf, PUBLIC_NAMES, type Wire } from './wire.ts';

type Refusal = Extract<Verdict, { accepted: false }>;

/** Something that we refuse and the library, which has no such rule, does not. */
export interface StricterRule {
  readonly name: string;
  readonly why: string;
  /** The code that it is refused with. */
  readonly code: string;
  /** Whether the rule is broken, told without any code of ours. Whatever breaks it, we must refuse. */
  isBroken(wire: Wire): boolean;
}

const SINGLE = ['host', 'content-type', 'content-length', 'authorization', 'date'];

export const stricterRules: readonly StricterRule[] = [
  {
    name: 'a single-valued line twice',
    why: 'RFC 9110 §5.3: readers take the first, the last or both of them',
    code: 'request_malformed',
    isBroken: ({ headers }) =>
      SINGLE.some((name) => headers.filter((line) => line[0].toLowerCase() === name).length > 1),
  },
  {
    name: 'an ambiguous target',
    why: 'RFC 3986 §6.2.2: it is resolved differently by proxies, routers and signers',
    code: 'request_malformed',
    isBroken: ({ target }) => isAmbiguousTarget(target),
  },
  {
    name: "another's host",
    why: 'a signature for somebody else must not count here; the library knows no own name',
    code: 'signature_invalid',
    isBroken: (wire) => {
      const { scheme, authority } = originOf(fieldText(wire, 'host') ?? '');
      return !PUBLIC_NAMES.includes(`${scheme}://${authority}`);
    },
  },
  {
    name: 'a lifetime out of bounds',
    why: 'the policy: more than 0 and at most 300 seconds; the library knows only an age',
    code: 'signature_malformed',
    isBroken: (wire) => {
      const { created, expires } = ourParameters(wire);
      if (typeof created !== 'number' || typeof expires !== 'number') return false;
      return expires - created <= 0 || expires - created > nativePolicy.maxLifetimeSeconds;
    },
  },
  {
    name: 'a time with decimals',
    why: 'RFC 9421 §2.3: created and expires are integers; the library cannot tell 1.0 from 1',
    code: 'signature_malformed',
    isBroken: (wire) => /;[ ]*(?:created|expires)=-?\d+\.\d/.test(ourInput(wire) ?? ''),
  },
  {
    name: 'a nonce of no length or of more than 256',
    why: 'what we hash and keep is bounded',
    code: 'signature_malformed',
    isBroken: (wire) => {
      const { nonce } = ourParameters(wire);
      return typeof nonce === 'string' && (nonce.length === 0 || nonce.length > 256);
    },
  },
  {
    name: 'a digest that is not of this body',
    why: 'RFC 9421 §7.2.8: the signature covers the field only; the library leaves the body to its caller',
    code: 'digest_mismatch',
    isBroken: (wire) => !isDigestRight(wire),
  },
  {
    name: 'white space before a fold',
    why: 'RFC 9112 §5.2: obs-fold = OWS CRLF RWS becomes one space; the library keeps the OWS, and signs with it',
    code: 'signature_invalid',
    isBroken: (wire) => coveredNames(wire).some((name) => /[ \t]\r\n/.test(fieldText(wire, name) ?? '')),
  },
];

/** Rules that a message may break and still be right: the other signer kept the white space as well. */
const OF_SIGNERS = 'white space before a fold';

/** The rule by which we refuse what the library accepts; undefined = none. */
export function ruleBroken(wire: Wire, ours: Refusal): StricterRule | undefined {
  return stricterRules.find((rule) => rule.code === ours.code && rule.isBroken(wire));
}

/** Rules that are broken by a message which we accept: there must be none. */
export function rulesOverlooked(wire: Wire): string[] {
  return stricterRules.filter((rule) => rule.name !== OF_SIGNERS && rule.isBroken(wire)).map(({ name }) => name);
}

/** Something that the library refuses though it changes nothing: without it, it must accept. */
export interface Tolerance {
  readonly name: string;
  readonly why: string;
  /** The same message without it; the message itself when it has no such thing. */
  without(wire: Wire): Wire;
}

export const tolerances: readonly Tolerance[] = [
  {
    name: 'bytes beyond ASCII in a field that is not covered',
    why: 'RFC 9421 §2.1 asks for ASCII only of what is signed',
    without: (wire) => {
      const covered = coveredNames(wire);
      const isFine = (name: string, value: string) =>
        covered.includes(name.toLowerCase()) || /^[\t\x20-\x7e]*$/.test(value.replace(/\r\n[ \t]/g, ' '));
      const headers = wire.headers.filter(([name, value]) => isFine(name, value));
      return headers.length === wire.headers.length ? wire : { ...wire, headers };
    },
  },
  {
    name: 'white space before a fold',
    why: 'RFC 9112 §5.2: obs-fold = OWS CRLF RWS becomes one space; the library keeps the OWS',
    without: (wire) =>
      wire.headers.some(([, value]) => /[ \t]\r\n/.test(value))
        ? { ...wire, headers: wire.headers.map(([name, value]) => [name, value.replace(/[ \t]*\r\n[ \t]+/g, ' ')]) }
        : wire,
  },
  {
    name: 'a Signature member with parameters, or one of somebody else that is no byte sequence',
    why: 'RFC 8941 §3.1.2: unknown parameters are ignored; what others sign and how is none of our business',
    without: onlyOurs,
  },
];

function onlyOurs(wire: Wire): Wire {
  const [label = ''] = labelsWithTag(wire, nativePolicy.tag);
  const input = parseDictionary(fieldText(wire, 'signature-input') ?? '').get(label);
  const values = parseDictionary(fieldText(wire, 'signature') ?? '');
  const value = values.get(label);
  const isPlain = [...values.values()].every(
    ([item, parameters]) => item instanceof ArrayBuffer && parameters.size === 0,
  );
  if (isPlain || input === undefined || value === undefined || !isInnerList(input)) return wire;
  const base64 = Buffer.from(value[0] as ArrayBuffer).toString('base64');
  const others = wire.headers.filter(([name]) => !['signature', 'signature-input'].includes(name.toLowerCase()));
  const ours = [
    ['Signature-Input', `${label}=${serializeInnerList(input)}`],
    ['Signature', `${label}=:${base64}:`],
  ] as const;
  return { ...wire, headers: [...others, ...ours] };
}

/** Names of the fields that our signature covers, in lower case. */
export function coveredNames(wire: Wire): string[] {
  const [label = ''] = labelsWithTag(wire, nativePolicy.tag);
  const member = parseDictionary(fieldText(wire, 'signature-input') ?? '').get(label);
  return member !== undefined && isInnerList(member) ? member[0].map(([name]) => String(name)) : [];
}

function ourParameters(wire: Wire): Record<string, unknown> {
  const [label = ''] = labelsWithTag(wire, nativePolicy.tag);
  const member = label === '' ? undefined : parseDictionary(fieldText(wire, 'signature-input') ?? '').get(label);
  return member === undefined ? {} : Object.fromEntries(member[1]);
}

/** Our signature's part of Signature-Input, by its label. */
function ourInput(wire: Wire): string | undefined {
  const [label = ''] = labelsWithTag(wire, nativePolicy.tag);
  return fieldText(wire, 'signature-input')
    ?.split(/,[ \t]*(?=[a-z*][a-z0-9_.*-]*=\()/)
    .find((part) => part.startsWith(`${label}=`));
}

function isDigestRight(wire: Wire): boolean {
  const text = fieldText(wire, 'content-digest');
  if (text === undefined) return wire.body === '';
  const members = [...parseDictionary(text)].filter(([name]) => name === 'sha-256' || name === 'sha-512');
  const isRight = (name: string, value: unknown) =>
    value instanceof ArrayBuffer &&
    createHash(name.replace('-', '')).update(wire.body).digest().equals(Buffer.from(value));
  return members.length > 0 && members.every(([name, [value]]) => isRight(name, value));
}

/** Segment by segment and character by character, where the product has one regular expression. */
function isAmbiguousTarget(target: string): boolean {
  if ([...target].some((char) => char <= ' ' || char > '~' || char === '#')) return true;
  const path = target.split('?')[0] ?? '';
  if (path.includes('\\')) return true;
  const [, ...segments] = path.split('/');
  // The root has one empty segment, which is its form; a slash at the end makes one too.
  if (segments.some((segment, i) => segment === '' && i < segments.length - 1)) return true;
  return segments.some((segment) => {
    if (segment === '.' || segment === '..') return true;
    return segment
      .split('%')
      .slice(1)
      .some((escaped) => {
        const hex = escaped.slice(0, 2);
        if (!/^[0-9a-f]{2}$/i.test(hex)) return true;
        const char = String.fromCharCode(Number.parseInt(hex, 16));
        return /[A-Za-z0-9\-._~\\]/.test(char) || char < ' ' || char === '\x7f';
      });
  });
}
