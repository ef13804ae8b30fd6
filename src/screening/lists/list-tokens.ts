import { isIP } from 'node:net';
import { HASH_FORMS, type HashForm } from '../../identity/hash-forms.ts';
import { type NormalisedSubject, normaliseSubject } from '../../identity/normalise-subject.ts';
import type { IdentifierTokens, SubjectTokens, Token, Tokenizer } from '../../identity/token.ts';
import type { ListKind, ListToken } from './entry.ts';
import { type EntryFault, kindOf } from './entry-rules.ts';
import type { ListSubject } from './entry-schema.ts';

/** Which forms of an identifier are indexed: the setting `SLUICE_LIST_FORMS`. */
export interface ListForms {
  readonly hashes: readonly HashForm[];
  /** Whether entries are found by the hash of phone and id number as well. */
  readonly phoneId: boolean;
}

/** The tokens that a lookup asks for, or why it cannot be answered: an unindexed form must never read like `new`. */
export type LookupTokens =
  | { readonly ok: true; readonly tokens: readonly ListToken[] }
  | { readonly ok: false; readonly faults: readonly EntryFault[] };

/** Where an entry goes. `anchor` is the token that its id is derived from: the same for every form it is given in plain. */
export type EntryTokens =
  | {
      readonly ok: true;
      readonly kind: ListKind;
      readonly isPlain: boolean;
      readonly anchor: Token;
      readonly tokens: readonly ListToken[];
      readonly subject: NormalisedSubject | null;
    }
  | { readonly ok: false; readonly faults: readonly EntryFault[] };

const SUBJECT_KINDS = ['phone', 'id_number', 'phone_id', 'bank_card', 'device_id'] as const;
const PHONE_ID = 'phone_id';

/**
 * Reads `md5,sha256,sm3,phone_id`.
 * @returns undefined when a name is none of these or no hash is among them
 */
export function parseListForms(text: string): ListForms | undefined {
  const names = text.split(',').map((name) => name.trim());
  const hashes = HASH_FORMS.filter((form) => names.includes(form));
  const known = names.every((name) => name === PHONE_ID || hashes.some((form) => form === name));
  return known && hashes.length > 0 ? { hashes, phoneId: names.includes(PHONE_ID) } : undefined;
}

/** The setting as it is compared and stored: `md5,sha256,sm3,phone_id`. */
export function listFormsText({ hashes, phoneId }: ListForms): string {
  return [...hashes, ...(phoneId ? [PHONE_ID] : [])].join(',');
}

/**
 * Everything under which entries about a subject, its address and its regions may stand.
 * @param more.regions GB/T 2260 codes; an entry of a province or a district counts for each code in it
 */
export function lookupTokens(
  tokenizer: Tokenizer,
  forms: ListForms,
  subject: SubjectTokens,
  more: { readonly ip?: string; readonly regions?: readonly string[] } = {},
): LookupTokens {
  const tokens: ListToken[] = [];
  const faults: EntryFault[] = [];
  for (const kind of SUBJECT_KINDS) {
    const given = subject[kind];
    if (given === undefined) continue;
    const indexed = indexedOf(forms, kind, given);
    // Who is known in plain is found by either number; who is known by the joint hash alone, not at all.
    const isFoundOtherwise =
      kind === 'phone_id' && subject.phone?.canonical != null && subject.id_number?.canonical != null;
    if (indexed.length === 0 && !isFoundOtherwise) faults.push(formNotIndexed(forms, `/${kind}`));
    tokens.push(...indexed);
  }
  if (more.ip !== undefined && isIP(more.ip) !== 0) tokens.push(plainToken(tokenizer, 'ip', canonicalIp(more.ip)));
  if (more.regions !== undefined) {
    for (const region of regionsAround(more.regions)) tokens.push(regionToken(tokenizer, region));
  }
  return faults.length > 0 ? { ok: false, faults } : { ok: true, tokens };
}

/** The tokens of an entry's subject, which holds exactly one identifier; all its faults at once. */
export function entryTokens(tokenizer: Tokenizer, forms: ListForms, subject: ListSubject): EntryTokens {
  const kind = kindOf(subject);
  if (kind === undefined) {
    return fail({ pointer: '/subject', code: 'subject_not_one', message: 'must hold exactly one identifier' });
  }
  if (kind === 'ip' || kind === 'region') {
    const text = subject[kind] ?? '';
    const one = plainToken(tokenizer, kind, kind === 'ip' ? canonicalIp(text) : text);
    return { ok: true, kind, isPlain: true, anchor: one.token, tokens: [one], subject: null };
  }
  const { ip: _ip, region: _region, ...person } = subject;
  const read = normaliseSubject(person);
  if (!read.ok) return { ok: false, faults: read.errors.map((one) => ({ ...one, pointer: `/subject${one.pointer}` })) };
  const given = tokenizer.tokensOfSubject(read.subject)[kind];
  const tokens = given === undefined ? [] : indexedOf(forms, kind, given);
  if (given === undefined || tokens.length === 0) return fail(formNotIndexed(forms, `/subject/${kind}`));
  const isPlain = typeof subject[kind] === 'string';
  const anchor = (isPlain ? given.canonical : null) ?? tokens[0]?.token ?? '';
  return { ok: true, kind, isPlain, anchor, tokens, subject: read.subject };
}

/** Under what a person of whom both numbers are known in plain is found by their joint hash. */
export function phoneIdTokens(
  tokenizer: Tokenizer,
  forms: ListForms,
  phone: NormalisedSubject,
  idNumber: NormalisedSubject,
): readonly ListToken[] {
  if (phone.phone?.given !== 'plain' || idNumber.idNumber?.given !== 'plain') return [];
  const joint = tokenizer.tokensOfSubject({
    idKind: idNumber.idKind,
    phone: phone.phone,
    idNumber: idNumber.idNumber,
  }).phone_id;
  return joint === undefined ? [] : indexedOf(forms, 'phone_id', joint);
}

function indexedOf(forms: ListForms, kind: (typeof SUBJECT_KINDS)[number], given: IdentifierTokens): ListToken[] {
  const tokens: ListToken[] = [];
  if (kind === 'phone_id' && !forms.phoneId) return tokens;
  for (const { form, token } of given.all) {
    if (form !== 'plain' && forms.hashes.includes(form)) tokens.push({ kind, form, token });
  }
  return tokens;
}

/** There are some thousand regions, and everybody has a few of them. */
const regionTokens = new WeakMap<Tokenizer, Map<string, ListToken>>();
const REGIONS_MAX = 10_000;

function regionToken(tokenizer: Tokenizer, region: string): ListToken {
  let known = regionTokens.get(tokenizer);
  if (known === undefined || known.size >= REGIONS_MAX) {
    known = new Map();
    regionTokens.set(tokenizer, known);
  }
  let token = known.get(region);
  if (token === undefined) {
    token = plainToken(tokenizer, 'region', region);
    known.set(region, token);
  }
  return token;
}

function plainToken(tokenizer: Tokenizer, kind: 'ip' | 'region', text: string): ListToken {
  return { kind, form: 'plain', token: tokenizer.token(kind, 'plain', text) };
}

/** One spelling an address: IPv6 shortened and in lower case, an IPv4 address in IPv6 clothes as IPv4. */
export function canonicalIp(ip: string): string {
  if (isIP(ip) !== 6) return ip;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(ip)?.[1];
  return mapped ?? new URL(`http://[${ip.split('%')[0]}]`).hostname.slice(1, -1);
}

/** `540102` → `54`, `5401`, `540102`, each once. */
function regionsAround(regions: readonly string[]): readonly string[] {
  return [
    ...new Set(
      regions.flatMap((region) =>
        [2, 4, 6].filter((digits) => digits <= region.length).map((digits) => region.slice(0, digits)),
      ),
    ),
  ];
}

function formNotIndexed(forms: ListForms, pointer: string): EntryFault {
  const message = `is given in a form that lists are not kept in; they are kept in ${listFormsText(forms)}`;
  return { pointer, code: 'form_not_indexed', message };
}

function fail(fault: EntryFault): EntryTokens {
  return { ok: false, faults: [fault] };
}
