import { newConsents, withConsents } from '../applications/consents/note-consents.ts';
import type { DraftEvent } from '../applications/context.ts';
import type { Application } from '../applications/model.ts';
import type { SealedRecord } from '../applications/sealed-record.ts';
import {
  type BroughtVerification,
  verificationNotes,
  withVerifications,
} from '../applications/verification/note-verifications.ts';
import { isoOf } from '../base/clock.ts';
import { normaliseBankCard } from '../identity/normalise-bank-card.ts';
import { type IdKind, normaliseIdNumber } from '../identity/normalise-id-number.ts';
import { normaliseName } from '../identity/normalise-name.ts';
import { normalisePhone } from '../identity/normalise-phone.ts';

type Entry = Readonly<Record<string, unknown>>;

/** What an applicant brings to an application that is there already. Documents as they were claimed. */
export interface Papers {
  readonly applicant: Entry;
  readonly documents: readonly Entry[];
  readonly verifications: readonly Entry[];
  readonly consents: readonly Entry[];
}

/** The papers with identity in the form in which the lender was told it; everything else stays as it was given. */
export function normalisedPapers(
  given: Partial<{ readonly [Part in keyof Papers]: Papers[Part] | undefined }>,
): Papers {
  const { applicant = {}, documents = [], verifications = [], consents = [] } = given;
  const { name, id_number: idNumber, id_kind: idKind, phone, bank_card: card } = applicant;
  const normal: Record<string, unknown> = {};
  if (typeof name === 'string') normal.name = valueOr(normaliseName(name), name);
  if (typeof phone === 'string') normal.phone = nationalPhone(phone);
  if (typeof idNumber === 'string') {
    normal.id_number = valueOr(normaliseIdNumber(idNumber, idKind as IdKind | undefined), idNumber);
  }
  if (typeof card === 'object' && card !== null) normal.bank_card = normalisedCard(card as Entry);
  return { applicant: { ...applicant, ...normal }, documents, verifications, consents };
}

/** A bank card as lenders are told it: digits only, the reserved phone as a national number. */
export function normalisedCard(card: Entry): Entry {
  const { number, phone } = card;
  return {
    ...card,
    ...(typeof number === 'string' ? { number: valueOr(normaliseBankCard(number), number) } : {}),
    ...(typeof phone === 'string' ? { phone: nationalPhone(phone) } : {}),
  };
}

/** The sealed record with the papers: a field replaces what was known, a part of a field that part, lists grow. */
export function mergePapers(record: SealedRecord, papers: Papers): SealedRecord {
  return {
    ...record,
    applicant: mergeFields(record.applicant, papers.applicant),
    documents: [...record.documents, ...papers.documents],
    verifications: [...record.verifications, ...papers.verifications],
    consents: [...record.consents, ...papers.consents],
  };
}

/** The application with what may be kept of the papers in the open: which texts were accepted, how somebody was checked. */
export function notePapers(application: Application, papers: Papers, record: SealedRecord | undefined, nowMs: number) {
  const known = identitiesIn(papers.applicant, record?.applicant ?? {}, { id_number: record?.device?.id });
  const brought = papers.verifications as unknown as readonly BroughtVerification[];
  const notes = verificationNotes(brought, 'partner', known);
  const accepted = withConsents(application, papers.consents, isoOf(nowMs), known);
  const noted = withVerifications(accepted, notes);
  const data: DraftEvent['data'] = {
    fields: Object.keys(papers.applicant),
    documents: papers.documents.map(({ kind }) => kind),
    ...(notes.length > 0 ? { verifications: notes } : {}),
    ...newConsents(application, noted),
  };
  return { application: noted, data };
}

function mergeFields(known: Entry, added: Entry): Entry {
  const merged: Record<string, unknown> = { ...known };
  for (const [name, value] of Object.entries(added)) {
    const before = merged[name];
    merged[name] = isFields(before) && isFields(value) ? { ...before, ...value } : value;
  }
  return merged;
}

function isFields(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Identities in plain, to be kept out of what is kept in the open. */
export function identitiesIn(...applicants: readonly Entry[]): string[] {
  return applicants
    .flatMap(({ name, id_number, phone, email, bank_card: card, contacts }) => {
      const others = (Array.isArray(contacts) ? contacts : []) as readonly Entry[];
      const ofCard = isFields(card) ? [card.number, card.phone] : [];
      return [name, id_number, phone, email, ...ofCard, ...others.flatMap((one) => [one.name, one.phone])];
    })
    .filter((one) => typeof one === 'string');
}

function valueOr(read: { readonly ok: true; readonly value: string } | { readonly ok: false }, text: string): string {
  return read.ok ? read.value : text;
}

function nationalPhone(text: string): string {
  const read = normalisePhone(text);
  return read.ok ? read.national : text;
}
