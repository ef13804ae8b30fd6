import { groupCard, groupIdNumber, groupPhone } from '../group-digits.ts';
import type { PagePlan } from '../plan-shape.ts';
import { inputOf } from './check.ts';

const GROUPERS: Readonly<Record<string, (typed: string) => string>> = {
  phone: groupPhone,
  id_number: groupIdNumber,
  bank_card: groupCard,
};

/** Long numbers in groups while they are typed at their end, and whenever they are left. */
export function startGrouping(form: HTMLFormElement, { fields }: PagePlan): void {
  for (const { name, check } of fields) {
    const group = GROUPERS[check.kind];
    const input = inputOf(form, name);
    if (group === undefined || !(input instanceof HTMLInputElement)) continue;
    const regroup = (): void => {
      const wanted = group(input.value);
      if (wanted !== input.value) input.value = wanted;
    };
    input.addEventListener('input', (event) => {
      const isComposing = event instanceof InputEvent && event.isComposing;
      if (!isComposing && input.selectionStart === input.value.length) regroup();
    });
    input.addEventListener('change', regroup);
    regroup();
  }
}
