import { idOf } from '../field-id.ts';
import { fillText } from '../fill-text.ts';
import type { PagePlan } from '../plan-shape.ts';
import type { Found } from './check.ts';

/** The form and what its script works with. */
export interface FormPage {
  readonly form: HTMLFormElement;
  readonly plan: PagePlan;
}

/** Says under an input what is wrong with it, just as the server does. */
export function showFault(form: HTMLFormElement, name: string, text: string): void {
  const id = name === 'consent' ? 'consent-error' : `${idOf(name)}-error`;
  let error = document.getElementById(id);
  if (error === null) {
    error = document.createElement('p');
    error.id = id;
    error.className = 'error';
    placeOf(form, name)?.append(error);
  }
  error.textContent = text;
  for (const input of inputsOf(form, name)) {
    const isRight = input instanceof HTMLInputElement && input.name === 'consent' && input.checked;
    if (isRight) continue;
    input.setAttribute('aria-invalid', 'true');
    describe(input, id, true);
  }
}

export function clearFault(form: HTMLFormElement, name: string): void {
  const id = name === 'consent' ? 'consent-error' : `${idOf(name)}-error`;
  document.getElementById(id)?.remove();
  for (const input of inputsOf(form, name)) {
    input.removeAttribute('aria-invalid');
    describe(input, id, false);
  }
}

/** Takes off the list on top what has been put right; with the last entry the list goes. */
export function pruneSummary({ words }: PagePlan, name: string): void {
  const alert = document.querySelector('[data-part=alert] .alert');
  const entry = alert?.querySelector(`a[href="#${idOf(name)}"]`)?.closest('li');
  if (!alert || !entry) return;
  entry.remove();
  const left = alert.querySelectorAll('li').length;
  const heading = alert.querySelector('h2');
  if (left === 0) alert.remove();
  else if (heading !== null) heading.textContent = summaryHeading(words, left);
}

/** What is wrong, on top, each leading to its input; it takes the focus. */
export function showSummary({ plan }: FormPage, faults: ReadonlyMap<string, Found>): void {
  const { words } = plan;
  const heading = document.createElement('h2');
  heading.textContent = summaryHeading(words, faults.size);
  const list = document.createElement('ul');
  for (const [name, { text }] of faults) {
    const item = document.createElement('li');
    const link = document.createElement('a');
    link.href = `#${idOf(name)}`;
    link.textContent = labelOf(name, plan);
    item.append(link, words.colon, text);
    list.append(item);
  }
  showAlert([heading, list]);
}

function summaryHeading({ fixOne, fixMany }: PagePlan['words'], n: number): string {
  return n === 1 ? fixOne : fillText(fixMany, { n });
}

/** One sentence on top. */
export function showMessage(text: string): void {
  const paragraph = document.createElement('p');
  paragraph.textContent = text;
  showAlert([paragraph]);
}

function showAlert(content: readonly Node[]): void {
  const section = document.createElement('section');
  section.className = 'alert';
  section.setAttribute('role', 'alert');
  section.tabIndex = -1;
  section.append(...content);
  document.querySelector('[data-part=alert]')?.replaceChildren(section);
  section.focus();
}

function labelOf(name: string, { words }: PagePlan): string {
  if (name === 'consent') return words.agreements;
  return document.querySelector(`label[for="${idOf(name)}"]`)?.textContent ?? name;
}

function placeOf(form: HTMLFormElement, name: string): Element | null {
  if (name === 'consent') return form.querySelector('[data-part=agreements] fieldset');
  return document.getElementById(idOf(name))?.closest('.field') ?? null;
}

function inputsOf(form: HTMLFormElement, name: string): Element[] {
  return [...form.querySelectorAll(`[name="${name}"]`)];
}

function describe(input: Element, id: string, isWrong: boolean): void {
  const others = (input.getAttribute('aria-describedby') ?? '').split(' ').filter((one) => one !== '' && one !== id);
  const all = isWrong ? [...others, id] : others;
  if (all.length > 0) input.setAttribute('aria-describedby', all.join(' '));
  else input.removeAttribute('aria-describedby');
}
