import { idOf } from '../field-id.ts';
import { checkOne } from './check.ts';
import { clearFault, type FormPage, showFault, showMessage } from './faults.ts';
import { tell } from './told.ts';

/** What has come back of a post, and what was sent with it. */
export type Answer =
  | { readonly kind: 'page'; readonly html: string; readonly sent: URLSearchParams }
  /** Taken in: where the result is. */
  | { readonly kind: 'taken'; readonly address: string }
  /** Nobody answered, or only a proxy did. */
  | { readonly kind: 'unreachable' };

/** A code may take its time; longer than this it will not come. */
const TIMEOUT_MS = 45_000;
const SERVER_FAULT = 500;

/** Sends the form as the browser would, without leaving the page. The same form sent again is the same application. */
export async function post(form: HTMLFormElement, step: 'otp' | 'apply'): Promise<Answer> {
  const sent = new URLSearchParams();
  for (const [name, value] of new FormData(form)) if (typeof value === 'string') sent.append(name, value);
  sent.set('step', step);
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), TIMEOUT_MS);
  try {
    const response = await fetch(form.action, { method: 'POST', body: sent, signal: timeout.signal });
    if (response.redirected) return { kind: 'taken', address: response.url };
    const html = await response.text();
    const isOurs = response.headers.get('content-type')?.startsWith('text/html') === true;
    return isOurs && (response.status < SERVER_FAULT || html.includes('id="apply"'))
      ? { kind: 'page', html, sent }
      : { kind: 'unreachable' };
  } catch {
    return { kind: 'unreachable' };
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Takes over from the answered page what is new in it; what was typed meanwhile stays.
 * @returns whether another page is on its way
 */
export function adopt(page: FormPage, answer: Answer): boolean {
  if (answer.kind === 'taken') {
    tell({ kind: 'applied' });
    // In place of the form: going back must not lead to a form that was sent.
    location.replace(answer.address);
    return true;
  }
  if (answer.kind === 'unreachable') {
    showMessage(page.plan.words.unreachable);
    return false;
  }
  const next = new DOMParser().parseFromString(answer.html, 'text/html');
  const form = next.getElementById('apply');
  if (form === null) {
    document.querySelector('main')?.replaceWith(next.querySelector('main') ?? '');
    document.title = next.title;
    document.querySelector('h1')?.scrollIntoView();
    return true;
  }
  adoptForm(page, next, answer.sent);
  return false;
}

function adoptForm(page: FormPage, next: Document, sent: URLSearchParams): void {
  const { form } = page;
  const hadCode = form.elements.namedItem('otp') !== null;
  const token = next.querySelector<HTMLInputElement>('#apply [name=form]')?.value;
  const hidden = form.querySelector<HTMLInputElement>('[name=form]');
  if (hidden !== null && token !== undefined) hidden.value = token;
  for (const part of ['alert', 'step', 'agreements']) adoptPart(part, next);
  adoptFaults(page, next, sent);
  document.title = next.title;
  const isElsewhere = isTyping() && !document.activeElement?.closest('[data-part=step]');
  const wanted = document.querySelector<HTMLElement>('[data-part=alert] [autofocus], [data-part=step] [autofocus]');
  if (!isElsewhere) wanted?.focus();
  if (!hadCode && form.elements.namedItem('otp') !== null) tell({ kind: 'code_sent' });
}

/** Agreements stay as they are ticked, unless they are other ones. */
function adoptPart(name: string, next: Document): void {
  const now = document.querySelector<HTMLElement>(`[data-part=${name}]`);
  const then = next.querySelector<HTMLElement>(`[data-part=${name}]`);
  if (now === null || then === null) return;
  if (name === 'agreements' && now.dataset.shown === then.dataset.shown) return;
  now.replaceChildren(...then.childNodes);
  if (then.dataset.shown !== undefined) now.dataset.shown = then.dataset.shown;
}

/** The server's word beside each input, except where something else has been typed since. */
function adoptFaults({ form, plan }: FormPage, next: Document, sent: URLSearchParams): void {
  for (const name of [...plan.fields.map((field) => field.name), 'consent']) {
    const id = name === 'consent' ? 'consent-error' : `${idOf(name)}-error`;
    const text = next.getElementById(id)?.textContent;
    const now = [...new FormData(form).getAll(name)].join();
    const isSame = now === sent.getAll(name).join();
    if (isSame && text) showFault(form, name, text);
    else if (isSame || checkOne(form, plan, name) === undefined) clearFault(form, name);
  }
}

/** Whether somebody writes in an input that is still there. */
function isTyping(): boolean {
  return document.activeElement?.matches('input, select') === true;
}
