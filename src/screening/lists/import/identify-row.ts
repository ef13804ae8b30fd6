import { hash } from 'node:crypto';
import { isIP } from 'node:net';
import { CANONICAL_FORM, type HashForm } from '../../../identity/hash-forms.ts';
import { normaliseBankCard } from '../../../identity/normalise-bank-card.ts';
import { normaliseDeviceId } from '../../../identity/normalise-device-id.ts';
import { normaliseIdNumber } from '../../../identity/normalise-id-number.ts';
import { normalisePhone } from '../../../identity/normalise-phone.ts';
import type { Token, Tokenizer } from '../../../identity/token.ts';
import type { ListKind, ListToken } from '../entry.ts';
import { canonicalIp, type ListForms } from '../list-tokens.ts';

export type RowForm = HashForm | 'plain';

/** What the values of a file are, and which forms of them are indexed. */
export interface RowIdentity {
  readonly kind: ListKind;
  readonly form: RowForm;
  readonly forms: ListForms;
  readonly tokenizer: Tokenizer;
}

/** Tokens in the order of the families; or why a value is none. */
export type IdentifiedRow =
  | { readonly ok: true; readonly tokens: readonly Token[]; readonly text: string }
  | { readonly ok: false; readonly code: string; readonly message: string };

const HASH: Readonly<Record<HashForm, RegExp>> = {
  md5: /^[0-9a-f]{32}$/,
  sha256: /^[0-9a-f]{64}$/,
  sm3: /^[0-9a-f]{64}$/,
};
const REGION = /^\d{2}(\d{2}){0,2}$/;

/** The families that rows of a file go to: all indexed forms of a plain value, else the form it is given in. */
export function familiesOf({ kind, form, forms }: RowIdentity): readonly Pick<ListToken, 'kind' | 'form'>[] {
  if (form !== 'plain') return [{ kind, form }];
  if (kind === 'ip' || kind === 'region') return [{ kind, form }];
  return forms.hashes.map((hashForm) => ({ kind, form: hashForm }));
}

/** Why files of this kind and form cannot be imported; undefined when they can. */
export function identityFault({ kind, form, forms }: RowIdentity): string | undefined {
  const isHashable = kind !== 'ip' && kind !== 'region';
  if (form !== 'plain' && !isHashable) return `${kind} is listed in plain only`;
  if (form === 'plain' && kind === 'phone_id') return 'phone_id is a hash; say which one with --form';
  const isIndexed = form === 'plain' || forms.hashes.some((indexed) => indexed === form);
  if (!isIndexed || (kind === 'phone_id' && !forms.phoneId)) {
    return `form_not_indexed: lists are not kept in this form; see SLUICE_LIST_FORMS`;
  }
  return undefined;
}

/** Turns a value into its tokens. */
export function identifyRow({ kind, form, forms, tokenizer }: RowIdentity, value: string): IdentifiedRow {
  if (form !== 'plain') {
    const hex = HASH[form].test(value) ? value : value.trim().toLowerCase();
    if (!HASH[form].test(hex)) return { ok: false, code: 'hash_malformed', message: `is no ${form} in hex` };
    return { ok: true, tokens: [tokenizer.token(kind, form, hex)], text: hex };
  }
  const normal = normalise(kind, value);
  if (!normal.ok) return normal;
  const text = normal.value;
  if (kind === 'ip' || kind === 'region') return { ok: true, tokens: [tokenizer.token(kind, form, text)], text };
  return { ok: true, tokens: forms.hashes.map((one) => tokenizer.token(kind, one, hash(one, text))), text };
}

/** The token that an entry's id is derived from. */
export function anchorOf({ kind, form, tokenizer }: RowIdentity, row: Extract<IdentifiedRow, { ok: true }>): Token {
  const isHashed = form === 'plain' && kind !== 'ip' && kind !== 'region';
  return isHashed ? tokenizer.token(kind, CANONICAL_FORM, hash(CANONICAL_FORM, row.text)) : (row.tokens[0] ?? '');
}

type Normalised = { ok: true; value: string } | { ok: false; code: string; message: string };

function normalise(kind: ListKind, value: string): Normalised {
  if (kind === 'phone') {
    const phone = normalisePhone(value);
    return phone.ok ? { ok: true, value: phone.national } : phone;
  }
  if (kind === 'id_number') return normaliseIdNumber(value);
  if (kind === 'bank_card') return normaliseBankCard(value);
  if (kind === 'device_id') return normaliseDeviceId(value);
  const text = value.trim();
  if (kind === 'ip') {
    return isIP(text) === 0
      ? { ok: false, code: 'ip_malformed', message: 'is no IPv4 or IPv6 address' }
      : { ok: true, value: canonicalIp(text) };
  }
  return REGION.test(text)
    ? { ok: true, value: text }
    : { ok: false, code: 'region_malformed', message: 'is no GB/T 2260 code of 2, 4 or 6 digits' };
}
