import { createHmac, createSecretKey } from 'node:crypto';
import type { HashForm, HashForms } from './hash-forms.ts';
import { CANONICAL_FORM, HASH_FORMS, hashForms, phoneIdForms } from './hash-forms.ts';
import type { Identifier, NormalisedSubject } from './normalise-subject.ts';

/** Sixteen bytes as 22 characters of base64url: the only form in which an identity is stored or indexed. */
export type Token = string;

/** The kinds of identifier that tokens are made of. `masked_person` is name, phone and id number with their last digits hidden. */
export type TokenKind =
  | 'phone'
  | 'id_number'
  | 'phone_id'
  | 'bank_card'
  | 'device_id'
  | 'masked_person'
  | 'ip'
  | 'region';

/** `plain` is for kinds that have no hash forms (ip, region): the normalised text itself takes the hash's place. */
export type TokenForm = HashForm | 'plain';

/**
 * The tokens of one identifier. `canonical` is the sha256 token, which anybody known in plain has; null when only another
 * form was given. `all` are the tokens to look up, the canonical one among them.
 */
export type IdentifierTokens = { canonical: Token | null; all: { form: TokenForm; token: Token }[] };

/**
 * The tokens of a subject by kind. `provisional`: some identifier was given as a hash or masked, so what is known of this
 * person under another form of it cannot be found.
 */
export type SubjectTokens = { provisional: boolean } & Partial<Record<TokenKind, IdentifierTokens>>;

export type Tokenizer = {
  token(kind: TokenKind, form: TokenForm, hashHex: string): Token;
  tokensOfSubject(subject: NormalisedSubject): SubjectTokens;
};

/** 16 bytes are 21⅓ base64 characters. */
const TOKEN_BYTES = 16;
const PEPPER_MIN_BYTES = 16;

/** What a masked person shows: the phone without its last 3 digits, a mainland id number without its last 4. */
const MASKED_PHONE_DIGITS = 8;
const MASKED_ID_DIGITS = 14;

/**
 * Makes tokens: HMAC-SHA-256(pepper, kind ‖ 0 ‖ form ‖ 0 ‖ hash), the first 16 bytes, base64url. Without the pepper a
 * token cannot be traced back by trying all phone numbers, as their plain hashes can.
 *
 * @throws RangeError when the pepper is shorter than 16 bytes
 */
export function createTokenizer(pepper: Uint8Array): Tokenizer {
  if (pepper.length < PEPPER_MIN_BYTES) throw new RangeError(`The pepper must be at least ${PEPPER_MIN_BYTES} bytes.`);
  const key = createSecretKey(pepper);

  const token: Tokenizer['token'] = (kind, form, hashHex) =>
    createHmac('sha256', key).update(`${kind}\0${form}\0${hashHex}`).digest().toString('base64url', 0, TOKEN_BYTES);

  const ofForms = (kind: TokenKind, forms: HashForms): IdentifierTokens => {
    const all = HASH_FORMS.map((form) => ({ form, token: token(kind, form, forms[form]) }));
    return { canonical: all.find((one) => one.form === CANONICAL_FORM)?.token ?? null, all };
  };
  const ofHash = (kind: TokenKind, { form, hash }: { form: HashForm; hash: string }): IdentifierTokens => {
    const only = token(kind, form, hash);
    return { canonical: form === CANONICAL_FORM ? only : null, all: [{ form, token: only }] };
  };

  const tokensOfSubject: Tokenizer['tokensOfSubject'] = (subject) => {
    const tokens: SubjectTokens = { provisional: false };
    const add = (kind: TokenKind, identifier: Identifier | undefined) => {
      if (identifier === undefined) return;
      if (identifier.given === 'plain') tokens[kind] = ofForms(kind, hashForms(identifier.value));
      else tokens.provisional = true;
      if (identifier.given === 'hash') tokens[kind] = ofHash(kind, identifier);
    };
    add('phone', subject.phone);
    add('id_number', subject.idNumber);
    add('bank_card', subject.bankCard);
    add('device_id', subject.deviceId);
    const { phone, idNumber } = subject;
    if (phone?.given === 'plain' && idNumber?.given === 'plain') {
      tokens.phone_id = ofForms('phone_id', phoneIdForms(phone.value, idNumber.value));
    } else if (subject.phoneId) {
      tokens.phone_id = ofHash('phone_id', subject.phoneId);
      tokens.provisional = true;
    }
    const shown = maskedPerson(subject);
    if (shown !== undefined) {
      const only = token('masked_person', 'plain', shown);
      tokens.masked_person = { canonical: only, all: [{ form: 'plain', token: only }] };
    }
    return tokens;
  };

  return { token, tokensOfSubject };
}

/**
 * What stays readable of a person whose identity is masked the usual way. Name, eight digits of the phone, district and
 * birth date together nearly always mean one person; any of them alone does not, so fewer make no token.
 */
function maskedPerson({ name, phone, idNumber, idKind }: NormalisedSubject): string | undefined {
  if (name?.given !== 'plain' || idKind !== 'cn_resident') return undefined;
  const phoneShown = shownOf(phone, MASKED_PHONE_DIGITS);
  const idShown = shownOf(idNumber, MASKED_ID_DIGITS);
  return phoneShown && idShown ? `${name.value}\0${phoneShown}\0${idShown}` : undefined;
}

function shownOf(identifier: Identifier | undefined, digits: number): string | undefined {
  if (identifier === undefined || identifier.given === 'hash') return undefined;
  const shown = identifier.given === 'plain' ? identifier.value : identifier.prefix;
  return /^\d+$/.test(shown.slice(0, digits)) && shown.length >= digits ? shown.slice(0, digits) : undefined;
}
