import { type FieldCheck, type FieldFault, fieldFault } from '../check-field.ts';
import type { PagePlan } from '../plan-shape.ts';

/** What is wrong with an input, and the sentence for it. */
export interface Found {
  readonly fault: FieldFault | 'consentNeeded';
  readonly text: string;
}

/** What is wrong with the form before a step, by name of input, in the order of the form. As the server would say. */
export function faultsOf(form: HTMLFormElement, plan: PagePlan, step: 'otp' | 'apply'): Map<string, Found> {
  const found = new Map<string, Found>();
  const note = (name: string, fault: Found | undefined): void => {
    if (fault !== undefined) found.set(name, fault);
  };
  for (const { name } of plan.fields) {
    // Before the code is sent the rest may still be empty, but for the number that it goes to.
    const isOptional = step === 'otp' && name !== 'phone';
    note(name, checkOne(form, plan, name, isOptional ? 'only given' : undefined));
  }
  if (step === 'otp') return found;
  note('consent', checkOne(form, plan, 'consent'));
  note('otp', checkOne(form, plan, 'otp'));
  return found;
}

/** What is wrong with one input; undefined when nothing is. */
export function checkOne(
  form: HTMLFormElement,
  plan: PagePlan,
  name: string,
  onlyGiven?: 'only given',
): Found | undefined {
  if (name === 'consent') {
    const boxes = [...form.querySelectorAll<HTMLInputElement>('[name=consent]')];
    const isMissing = onlyGiven === undefined && boxes.some((box) => !box.checked);
    return isMissing ? { fault: 'consentNeeded', text: plan.faults.consentNeeded } : undefined;
  }
  const input = inputOf(form, name);
  const check = name === 'otp' ? OTP : plan.fields.find((one) => one.name === name)?.check;
  if (input === undefined || check === undefined) return undefined;
  // What came with a hand-off need not be typed again.
  if ((onlyGiven !== undefined || !input.required) && input.value.trim() === '') return undefined;
  const fault = fieldFault(withOptions(check, input), input.value);
  return fault === undefined ? undefined : { fault, text: plan.faults[fault] };
}

export function inputOf(form: HTMLFormElement, name: string): HTMLInputElement | HTMLSelectElement | undefined {
  const input = form.elements.namedItem(name);
  return input instanceof HTMLInputElement || input instanceof HTMLSelectElement ? input : undefined;
}

const OTP: FieldCheck = { kind: 'otp' };

/** The options of a choice stand in its select. */
function withOptions(check: FieldCheck, input: HTMLInputElement | HTMLSelectElement): FieldCheck {
  if (check.kind !== 'choice' || input instanceof HTMLInputElement) return check;
  const options = [...input.options].map(({ value }) => value).filter((value) => value !== '');
  return { kind: 'choice', options };
}
