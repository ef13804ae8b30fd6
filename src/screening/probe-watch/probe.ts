import type { Identifier, NormalisedSubject } from '../../identity/normalise-subject.ts';
import type { Decision } from '../decision.ts';

/** What stays readable of a masked person: together it nearly always means one. */
export interface MaskedPerson {
  readonly name: string;
  /** First 8 digits. */
  readonly phone: string;
  /** First 14 digits: district and birth date. */
  readonly idNumber: string;
}

/** An answered question, as far as it is watched. It is looked at in memory and not kept. */
export interface Probe {
  /** The most telling form in which an identifier was given. */
  readonly form: 'plain' | 'masked' | 'hashed';
  /** A mainland number in plain, 11 digits. */
  readonly phone: string | undefined;
  /** Of a masked question. */
  readonly person: MaskedPerson | undefined;
  /** What the answer tells of the person; undefined = nothing, it speaks of the product or of the partner. */
  readonly told: 'new' | 'known' | undefined;
  readonly isAccepted: boolean;
}

const MAINLAND_MOBILE = /^1\d{10}$/;
const PHONE_SHOWN = /^1\d{7}/;
const ID_NUMBER_SHOWN = /^\d{14}/;

/** Refusals that would meet anybody, and those that rest on what the question itself says. */
const TELLS_NOTHING = new Set(['closed', 'capped', 'ineligible']);

/**
 * @param answers one a product; the person is known when any of them says so
 */
export function probeOf(subject: NormalisedSubject, answers: readonly { readonly decision: Decision }[]): Probe {
  let told: Probe['told'];
  let isAccepted = false;
  for (const { decision } of answers) {
    if (decision.decision === 'accept') isAccepted = true;
    if (TELLS_NOTHING.has(decision.reason)) continue;
    if (decision.reason !== 'new') told = 'known';
    else told ??= 'new';
  }
  const { phone } = subject;
  const form = formOf(subject);
  return {
    form,
    phone: phone?.given === 'plain' && MAINLAND_MOBILE.test(phone.value) ? phone.value : undefined,
    person: form === 'masked' ? maskedPerson(subject) : undefined,
    told,
    isAccepted,
  };
}

function formOf({ phone, idNumber, bankCard, deviceId }: NormalisedSubject): Probe['form'] {
  let form: Probe['form'] = 'hashed';
  for (const one of [phone, idNumber, bankCard, deviceId]) {
    if (one?.given === 'plain') return 'plain';
    if (one?.given === 'masked') form = 'masked';
  }
  return form;
}

function maskedPerson({ name, phone, idNumber }: NormalisedSubject): MaskedPerson | undefined {
  const phoneShown = shownOf(phone, PHONE_SHOWN);
  const idShown = shownOf(idNumber, ID_NUMBER_SHOWN);
  if (name?.given !== 'plain' || phoneShown === undefined || idShown === undefined) return undefined;
  return { name: name.value, phone: phoneShown, idNumber: idShown };
}

function shownOf(identifier: Identifier | undefined, shape: RegExp): string | undefined {
  if (identifier?.given !== 'masked') return undefined;
  return shape.exec(identifier.prefix)?.[0];
}
