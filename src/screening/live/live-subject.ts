import { hash } from 'node:crypto';
import type { HashForm } from '../../identity/hash-forms.ts';
import { maskName } from '../../identity/mask.ts';
import type { Identifier, NormalisedSubject } from '../../identity/normalise-subject.ts';
import type { Lender } from '../../registry/schema/lender.ts';

export type LenderForm = Lender['precheck']['forms'][number];

/** An identifier as a lender gets it: in plain, or one hash or mask of it. */
export type LenderIdentifier = string | { readonly [form in HashForm | 'masked']?: string };

/** A subject as a lender gets it: the shape in which partners send theirs. */
export interface LenderSubject {
  phone?: LenderIdentifier;
  id_number?: LenderIdentifier;
  /** Absent = `cn_resident`. */
  id_kind?: string;
  phone_id?: LenderIdentifier;
  bank_card?: LenderIdentifier;
  device_id?: LenderIdentifier;
  name?: LenderIdentifier;
}

/** What a mask shows: as much as our own tokens of masked people rest on, however much the partner has shown. */
const PHONE_SHOWN = /^1[3-9]\d{6}/;
const ID_NUMBER_SHOWN = /^\d{14}/;

type Mask = (shown: string) => string | undefined;

const maskPhone: Mask = (shown) => masked(PHONE_SHOWN, shown, '***');
const maskIdNumber: Mask = (shown) => masked(ID_NUMBER_SHOWN, shown, '****');
const noMask: Mask = () => undefined;

/**
 * What a lender is told of a subject: of each identifier the first of the lender's forms in which we have it or can make it
 * from plain, and nothing of the others. So a lender that does not name `plain` never gets anything in plain, the name
 * included, and nobody gets an identifier twice.
 * @returns undefined when what is left names nobody: no whole identifier, nor phone and id number together in their masks
 */
export function subjectForLender(subject: NormalisedSubject, forms: readonly LenderForm[]): LenderSubject | undefined {
  const told: LenderSubject = {};
  const { phone, idNumber, idKind } = subject;
  tell(told, 'phone', formed(phone, forms, maskPhone));
  tell(told, 'id_number', formed(idNumber, forms, idKind === 'cn_resident' ? maskIdNumber : noMask));
  tell(told, 'phone_id', jointHash(subject, forms));
  tell(told, 'bank_card', formed(subject.bankCard, forms, noMask));
  tell(told, 'device_id', formed(subject.deviceId, forms, noMask));
  if (!namesSomebody(told)) return undefined;
  if (told.id_number !== undefined && idKind !== 'cn_resident') told.id_kind = idKind;
  tell(told, 'name', formed(subject.name, forms, maskName));
  return told;
}

function tell(
  told: LenderSubject,
  name: keyof Omit<LenderSubject, 'id_kind'>,
  value: LenderIdentifier | undefined,
): void {
  if (value !== undefined) told[name] = value;
}

function formed(given: Identifier | undefined, forms: readonly LenderForm[], mask: Mask): LenderIdentifier | undefined {
  if (given === undefined) return undefined;
  for (const form of forms) {
    const value = inForm(given, form, mask);
    if (value !== undefined) return form === 'plain' ? value : { [form]: value };
  }
  return undefined;
}

function inForm(given: Identifier, form: LenderForm, mask: Mask): string | undefined {
  if (form === 'plain') return given.given === 'plain' ? given.value : undefined;
  if (form === 'masked') {
    if (given.given === 'hash') return undefined;
    return mask(given.given === 'plain' ? given.value : `${given.prefix}*`);
  }
  if (given.given === 'plain') return hash(form, given.value);
  return given.given === 'hash' && given.form === form ? given.hash : undefined;
}

/** `phone_id`: as it was given, or made of both numbers where the lender gets hashes rather than the numbers themselves. */
function jointHash(
  { phone, idNumber, phoneId }: NormalisedSubject,
  forms: readonly LenderForm[],
): LenderIdentifier | undefined {
  const isPlain = phone?.given === 'plain' && idNumber?.given === 'plain';
  for (const form of forms) {
    if (form === 'masked') continue;
    if (form === 'plain') {
      if (isPlain) return undefined;
      continue;
    }
    if (isPlain) return { [form]: hash(form, phone.value + idNumber.value) };
    if (phoneId?.form === form) return { [form]: phoneId.hash };
  }
  return undefined;
}

function masked(shape: RegExp, shown: string, stars: string): string | undefined {
  const [visible] = shape.exec(shown) ?? [];
  return visible === undefined ? undefined : visible + stars;
}

function namesSomebody({ phone, id_number, phone_id, bank_card, device_id }: LenderSubject): boolean {
  if (isMasked(phone) && isMasked(id_number)) return true;
  return [phone, id_number, phone_id, bank_card, device_id].some((one) => one !== undefined && !isMasked(one));
}

function isMasked(identifier: LenderIdentifier | undefined): boolean {
  return typeof identifier === 'object' && identifier.masked !== undefined;
}
