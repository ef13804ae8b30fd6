import type { Identifier, NormalisedSubject } from '../identity/normalise-subject.ts';
import { type ListForms, listFormsText } from '../screening/lists/list-tokens.ts';
import type { InputFault, IntakeDeps } from './intake-deps.ts';

const MASKED_NEEDS =
  'is masked: a person is found so only by name in plain, a phone that shows 8 digits and a mainland id number that shows 14, together';

/**
 * Why a subject cannot be looked up: an identifier is given in a form that lists are not kept in, or so masked that nobody is
 * found by it. Answering such a question would read as "never seen".
 * @returns faults with pointers within the subject
 */
export function unindexedForms(
  { tokenizer, lists }: Pick<IntakeDeps, 'tokenizer' | 'lists'>,
  subject: NormalisedSubject,
): InputFault[] {
  const { forms } = lists.parts;
  const given: readonly (readonly [string, Identifier | undefined])[] = [
    ['phone', subject.phone],
    ['id_number', subject.idNumber],
    ['bank_card', subject.bankCard],
    ['device_id', subject.deviceId],
  ];
  const faults: InputFault[] = [];
  const masked: string[] = [];
  let isFound = false;
  for (const [name, identifier] of given) {
    if (identifier === undefined) continue;
    if (identifier.given === 'masked') masked.push(name);
    else if (identifier.given === 'hash' && !forms.hashes.includes(identifier.form)) faults.push(fault(name, forms));
    else isFound = true;
  }
  const { phoneId } = subject;
  const isPlain = subject.phone?.given === 'plain' && subject.idNumber?.given === 'plain';
  if (phoneId !== undefined && !isPlain) {
    if (forms.phoneId && forms.hashes.includes(phoneId.form)) isFound = true;
    else faults.push(fault('phone_id', forms));
  }
  if (masked.length > 0 && !isFound && tokenizer.tokensOfSubject(subject).masked_person === undefined) {
    faults.push(...masked.map((name) => ({ pointer: `/${name}`, code: 'form_not_indexed', message: MASKED_NEEDS })));
  }
  return faults;
}

function fault(name: string, forms: ListForms): InputFault {
  const message = `is given in a form that nobody is found by; these are: ${listFormsText(forms)}`;
  return { pointer: `/${name}`, code: 'form_not_indexed', message };
}
