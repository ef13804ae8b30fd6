import { normaliseSubject } from '../identity/normalise-subject.ts';
import type { Subject } from '../identity/subject.ts';
import type { IdentifierTokens, Tokenizer } from '../identity/token.ts';

/** The kinds of identifier that a person is found by. */
export const LOOKUP_KINDS = ['id_number', 'phone', 'phone_id'] as const;
export type LookupKind = (typeof LOOKUP_KINDS)[number];

/** Whom an operator asks for: tokens only. */
export interface WantedSubject {
  /** Every identifier that was given, with the tokens that it is known by. */
  readonly given: readonly { readonly kind: LookupKind; readonly tokens: readonly string[] }[];
  /** All of these tokens, and those that follow from several identifiers together. */
  readonly tokens: readonly string[];
  /** Names the person in logs and in the audit log. */
  readonly token: string;
}

export type ReadSubject =
  | { readonly ok: true; readonly wanted: WantedSubject }
  | {
      readonly ok: false;
      readonly faults: readonly { readonly pointer: string; readonly code: string; readonly message: string }[];
    };

/** Reads a subject in any form; pointers of faults count from the subject. A masked one, a card or a device finds nobody. */
export function readWantedSubject(subject: Subject, tokenizer: Tokenizer): ReadSubject {
  const identity = normaliseSubject(subject);
  if (!identity.ok) return { ok: false, faults: identity.errors };
  const tokens = tokenizer.tokensOfSubject(identity.subject);
  const found = LOOKUP_KINDS.flatMap((kind) => {
    const identifier: IdentifierTokens | undefined = tokens[kind];
    return identifier === undefined ? [] : [{ kind, tokens: identifier.all.map((one) => one.token), identifier }];
  });
  const [first] = found;
  if (first === undefined) {
    const message = 'must give a phone, an id_number or a phone_id, in plain or as a hash';
    return { ok: false, faults: [{ pointer: '', code: 'invalid', message }] };
  }
  // Phone and id number in plain make a phone_id as well: it was not given, and must not be asked for beside them.
  const given = found.filter(({ kind }) => kind !== 'phone_id' || subject.phone_id !== undefined);
  return {
    ok: true,
    wanted: {
      given: given.map(({ kind, tokens: all }) => ({ kind, tokens: all })),
      tokens: found.flatMap(({ tokens: all }) => all),
      token: first.identifier.canonical ?? first.tokens[0] ?? '',
    },
  };
}

/** Whether a text shows an identifier that was given in plain: reasons are kept for ever, and must not. */
export function showsIdentity(text: string, subject: Subject): boolean {
  const squeezed = text
    .normalize('NFKC')
    .replace(/[\s\-().+]/g, '')
    .toUpperCase();
  return [subject.phone, subject.id_number, subject.bank_card, subject.device_id, subject.name].some((given) => {
    if (typeof given !== 'string') return false;
    const plain = given
      .normalize('NFKC')
      .replace(/[\s\-().+]/g, '')
      .toUpperCase();
    return plain.length > 1 && (squeezed.includes(plain) || squeezed.includes(plain.replace(/^(00)?86/, '') || plain));
  });
}
