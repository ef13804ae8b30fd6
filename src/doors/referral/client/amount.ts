import { estimateLines } from '../estimate.ts';
import { majorText, readMajor, shownMoney } from '../page-money.ts';
import type { PagePlan } from '../plan-shape.ts';
import { inputOf } from './check.ts';

/** A slider beside the amount, and what the loan would cost as amount and term change. */
export function startAmount(form: HTMLFormElement, plan: PagePlan): void {
  const amount = inputOf(form, 'amount');
  const check = plan.fields.find(({ name }) => name === 'amount')?.check;
  if (!(amount instanceof HTMLInputElement) || check?.kind !== 'amount') return;
  const { currency, min, max, step } = check;
  const slider = document.createElement('input');
  Object.assign(slider, { type: 'range', min: `${min}`, max: `${max}`, step: `${step}`, id: 'slider' });
  slider.setAttribute('aria-label', plan.words.amountSlider);
  const show = (): void => {
    const typed = readMajor(amount.value, currency);
    if (typed !== null) slider.value = `${typed}`;
    slider.setAttribute('aria-valuetext', shownMoney(Number(slider.value), currency, plan.language));
    showEstimate(form, plan);
  };
  slider.addEventListener('input', () => {
    amount.value = majorText(Number(slider.value), currency);
    amount.dispatchEvent(new Event('input', { bubbles: true }));
  });
  amount.addEventListener('input', show);
  inputOf(form, 'term')?.addEventListener('input', show);
  if (min < max) amount.after(slider);
  show();
}

function showEstimate(form: HTMLFormElement, { estimate, language, fields }: PagePlan): void {
  const output = document.getElementById('estimate');
  const check = fields.find(({ name }) => name === 'amount')?.check;
  if (output === null || estimate === null || check?.kind !== 'amount') return;
  const amount = readMajor(inputOf(form, 'amount')?.value ?? '', check.currency) ?? 0;
  const term = Number(inputOf(form, 'term')?.value);
  const lines = estimateLines(estimate.product, { ...estimate, amount, term, language });
  output.replaceChildren(
    ...lines.map((line) => {
      const span = document.createElement('span');
      span.textContent = line;
      return span;
    }),
  );
  if (output.parentElement !== null) output.parentElement.hidden = lines.length === 0;
}
