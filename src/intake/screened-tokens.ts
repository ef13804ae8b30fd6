import type { SubjectTokens } from '../applications/model.ts';
import { memberAt } from '../base/member-at.ts';
import { CANONICAL_FORM } from '../identity/hash-forms.ts';
import { normaliseBankCard } from '../identity/normalise-bank-card.ts';
import { normaliseDeviceId } from '../identity/normalise-device-id.ts';
import type { NormalisedSubject } from '../identity/normalise-subject.ts';
import type { SubjectTokens as AllTokens, Token, TokenKind } from '../identity/token.ts';
import { type LabelledToken, readToken, writeToken } from '../screening/labelled-token.ts';
import { LIST_KINDS, type ListKind, type ListToken } from '../screening/lists/entry.ts';
import { type ListForms, lookupTokens } from '../screening/lists/list-tokens.ts';
import type { ApplicationInput } from './application-input.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { listedTokens } from './listed-tokens.ts';

/**
 * What screening looks at in an application beside phone and id number, as `SubjectTokens.others`: the bank card, the device,
 * its address, the regions of birth and residence; and under what a masked question finds the person.
 */
export function otherTokens(
  { tokenizer, lists }: Pick<IntakeDeps, 'tokenizer' | 'lists'>,
  input: Pick<ApplicationInput, 'applicant' | 'device'>,
  { facts }: Pick<NormalisedSubject, 'facts'>,
  { masked_person: masked }: Pick<AllTokens, 'masked_person'>,
): string[] {
  const { bank_card, device_id } = tokenizer.tokensOfSubject(things(input));
  const ip = textAt(input.device ?? {}, 'ip');
  const residence = textAt(input.applicant, 'residence.region');
  const found = lookupTokens(
    tokenizer,
    lists.parts.forms,
    { provisional: false, ...(bank_card ? { bank_card } : {}), ...(device_id ? { device_id } : {}) },
    { ...(ip === undefined ? {} : { ip }), regions: [facts?.region, residence].filter((one) => one !== undefined) },
  );
  const listed: readonly LabelledToken[] = found.ok ? found.tokens : [];
  const device = device_id?.canonical ?? undefined;
  const others = [
    ...listed,
    ...(device === undefined ? [] : [{ kind: 'device_id', form: CANONICAL_FORM, token: device } as const]),
    ...(masked?.all ?? []).map(({ form, token }) => ({ kind: 'masked_person', form, token }) as const),
  ];
  return [...new Set(others.map(writeToken))];
}

/** What cannot be read is not there: it is the product that says whether a device must be named. */
function things({ applicant, device }: Pick<ApplicationInput, 'applicant' | 'device'>): NormalisedSubject {
  const card = normaliseBankCard(textAt(applicant, 'bank_card.number') ?? '');
  const id = normaliseDeviceId(textAt(device ?? {}, 'id') ?? '');
  return {
    idKind: 'cn_resident',
    ...(card.ok ? { bankCard: { given: 'plain', value: card.value } } : {}),
    ...(id.ok ? { deviceId: { given: 'plain', value: id.value } } : {}),
  };
}

function textAt(record: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = memberAt(record, name);
  return typeof value === 'string' ? value : undefined;
}

/** The tokens of an application under which entries that concern it may stand. */
export function screenedTokens(subject: SubjectTokens, forms: ListForms): ListToken[] {
  const others = (subject.others ?? []).flatMap((text) => readToken(text) ?? []);
  return [...listedTokens(subject, forms), ...others.filter((one) => isListed(one, forms))];
}

function isListed(one: LabelledToken, forms: ListForms): one is ListToken {
  const isKind = LIST_KINDS.some((kind: ListKind) => kind === one.kind);
  return isKind && (one.form === 'plain' || forms.hashes.some((form) => form === one.form));
}

/** The one token of a kind that stands for the thing itself, whatever form it was given in. */
export function otherToken({ others = [] }: SubjectTokens, kind: TokenKind): Token | undefined {
  for (const text of others) {
    const one = readToken(text);
    if (one?.kind === kind && (one.form === CANONICAL_FORM || one.form === 'plain')) return one.token;
  }
  return undefined;
}

/** By which tokens a person who is asked about by a mask is looked up: claims by one form, lists by one that they are kept in. */
export function personTokens({ claims, pointers, labels = [] }: SubjectTokens, forms: ListForms): LabelledToken[] {
  const listForm = forms.hashes.find((form) => form === CANONICAL_FORM) ?? forms.hashes[0];
  const wanted = new Set([CANONICAL_FORM, listForm].flatMap((form) => [`phone.${form}`, `id_number.${form}`]));
  return [...claims, ...pointers].flatMap((token, at) => {
    const label = labels[at] ?? '';
    return wanted.has(label) ? (readToken(`${label}:${token}`) ?? []) : [];
  });
}
