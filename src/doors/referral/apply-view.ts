import { html } from 'hono/html';
import type { Language } from '../../http/accept-language.ts';
import { maskPhone } from '../../identity/mask.ts';
import type { LinkTarget } from '../../intake/find-link.ts';
import type { RegisteredProduct, Registry } from '../../registry/registry.ts';
import { agreementInputs } from './agreement-inputs.ts';
import type { PageAgreement } from './agreements.ts';
import { choiceText, fieldLabels } from './field-labels.ts';
import { extraFields, type PageField } from './page-fields.ts';
import { majorText } from './page-money.ts';
import { type Markup, renderPage } from './page-shell.ts';
import { say } from './page-texts.ts';
import { productFacts, productName, termText } from './product-facts.ts';
import { amountWords, type FieldFaults, purposesOf, type Typed } from './read-form.ts';

/** Everything that the form shows. */
export interface ApplyView {
  readonly registry: Registry;
  readonly target: LinkTarget;
  readonly language: Language;
  /** Sealed state of the form. */
  readonly token: string;
  readonly clickId: string | null;
  readonly agreements: readonly PageAgreement[];
  readonly typed: Typed;
  readonly isAgreed: boolean;
  readonly faults: FieldFaults;
  /** Where the code went, once it was sent; then it is asked for. */
  readonly sentTo: string | null;
  readonly isSandbox: boolean;
  /** A fault of the form as a whole. */
  readonly message?: string;
  readonly status?: number;
}

/** The hosted application form: the product, the inputs, the agreements; with the code's input once it was sent. */
export function applyPage(view: ApplyView): Promise<Response> {
  const { registry, language, target, agreements, isAgreed, faults } = view;
  const heading = say('apply', language, { product: productName(target.product, language) });
  const body = html`<h1>${heading}</h1>
${alertOf(view)}
${productFacts(registry, target.product, language)}
<form method="post" action="${addressOfForm(view, language)}" novalidate>
<input type="hidden" name="form" value="${view.token}">
${loanInputs(view)}
${personInputs(view)}
${agreementInputs({ registry, language, agreements, isAgreed, error: faults.consent })}
${view.sentTo === null ? askForCode(view) : askToApply(view, view.sentTo)}
</form>`;
  const title = isWrong(view) ? say('faultyTitle', language, { title: heading }) : heading;
  const otherLanguage = addressOfForm(view, language === 'zh' ? 'en' : 'zh');
  return renderPage({ language, title, body, otherLanguage, status: view.status ?? 200 });
}

function addressOfForm({ target, clickId }: ApplyView, language: Language): string {
  const click = clickId === null ? '' : `click=${clickId}&`;
  return `/apply/${target.code}?${click}lang=${language}`;
}

function isWrong({ faults, message }: ApplyView): boolean {
  return message !== undefined || Object.keys(faults).length > 0;
}

/** Whether all that is left to do is to type the code. */
function needsOnlyCode({ faults, message }: ApplyView): boolean {
  return message === undefined && Object.keys(faults).every((name) => name === 'otp');
}

/** What is wrong, on top, each leading to its input. It takes the focus, so that nobody has to search a long page for it. */
function alertOf(view: ApplyView): Markup {
  const { faults, message, language } = view;
  const names = Object.keys(faults);
  if (!isWrong(view)) return html``;
  const list = html`<h2>${say(names.length === 1 ? 'fixOne' : 'fixMany', language, { n: names.length })}</h2>
<ul>${names.map((name) => html`<li><a href="#${idOf(name)}">${labelOf(name, language)}</a>${say('colon', language)}${faults[name]}</li>`)}</ul>`;
  return html`<section class="alert" role="alert" tabindex="-1"${needsOnlyCode(view) ? '' : html` autofocus`}>
${message === undefined ? '' : html`<p>${message}</p>`}${names.length === 0 ? '' : list}
</section>`;
}

function loanInputs(view: ApplyView): Markup {
  const { language, typed, target, faults } = view;
  const { product } = target;
  // What is wrong with an amount names its limits itself.
  const hasHint = faults.amount === undefined || !typed.amount;
  const hint = hasHint ? say('amountHint', language, amountWords(product, language)) : undefined;
  const terms = product.term.options.map((term): [string, string] => [String(term), termText(term, product, language)]);
  const purposes = purposesOf(product).map((purpose): [string, string] => [purpose, choiceText(purpose, language)]);
  const amount = typed.amount ?? majorText(product.amount.min, product.currency);
  return html`<fieldset><legend>${say('yourLoan', language)}</legend>
${field(view, 'amount', html`<input ${attributes(view, 'amount', hasHint ? 'f-amount-hint' : '')} inputmode="decimal" autocomplete="off" value="${amount}">`, hint)}
${field(view, 'term', select(view, 'term', terms))}
${field(view, 'purpose', select(view, 'purpose', purposes))}
</fieldset>`;
}

function personInputs(view: ApplyView): Markup {
  const { language, typed, target } = view;
  const hint = say('phoneHint', language);
  return html`<fieldset><legend>${say('aboutYou', language)}</legend>
${field(view, 'name', html`<input ${attributes(view, 'name')} autocomplete="name" maxlength="64" value="${typed.name ?? ''}">`)}
${field(view, 'id_number', html`<input ${attributes(view, 'id_number')} autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="40" value="${typed.id_number ?? ''}">`)}
${field(view, 'phone', html`<input ${attributes(view, 'phone', 'f-phone-hint')} type="tel" autocomplete="tel" maxlength="32" value="${typed.phone ?? ''}">`, hint)}
${extraFields(target.product).map((extra) => extraInput(view, extra, target.product))}
</fieldset>`;
}

function extraInput(view: ApplyView, extra: PageField, product: RegisteredProduct): Markup {
  const { name, kind, options, autocomplete } = extra;
  if (kind === 'select' || kind === 'yes_no') {
    const choices = options.map((option): [string, string] => [option, choiceText(option, view.language)]);
    return field(view, name, select(view, name, choices));
  }
  const type = kind === 'money' ? 'text' : kind;
  const mode = kind === 'money' ? 'decimal' : kind === 'tel' ? 'tel' : kind === 'email' ? 'email' : 'text';
  const input = html`<input ${attributes(view, name, kind === 'money' ? `${idOf(name)}-hint` : '')} type="${type}" inputmode="${mode}" autocomplete="${autocomplete}" maxlength="200" value="${view.typed[name] ?? ''}">`;
  return field(view, name, input, kind === 'money' ? product.currency : undefined);
}

function askForCode({ language }: ApplyView): Markup {
  return html`<button name="step" value="otp">${say('sendCode', language)}</button>`;
}

function askToApply(view: ApplyView, sentTo: string): Markup {
  const { language, typed, faults } = view;
  // The code just typed is kept while other inputs are put right: nobody should have to look for the message again.
  const kept = typed.step === 'apply' && isWrong(view) && faults.otp === undefined ? (typed.otp ?? '') : '';
  const focus = needsOnlyCode(view) ? html` autofocus` : '';
  const input = html`<input ${attributes(view, 'otp', 'otp-sent')} inputmode="numeric" autocomplete="one-time-code" maxlength="6" value="${kept}"${focus}>`;
  return html`<section class="notice" role="status">
<p id="otp-sent">${say('codeSent', language, { phone: maskPhone(sentTo) })}</p>
${view.isSandbox ? html`<p>${say('sandboxCode', language)}</p>` : ''}
<div class="otp">${field(view, 'otp', input)}</div>
</section>
<button name="step" value="apply">${say('submit', language)}</button>
<button name="step" value="otp" class="second">${say('sendAgain', language)}</button>`;
}

function field(view: ApplyView, name: string, input: Markup, hint?: string): Markup {
  const error = view.faults[name];
  const id = idOf(name);
  return html`<div class="field"><label for="${id}">${labelOf(name, view.language)}</label>
${input}
${hint === undefined ? '' : html`<p class="hint" id="${id}-hint">${hint}</p>`}
${error === undefined ? '' : html`<p class="error" id="${id}-error">${error}</p>`}</div>`;
}

function select(view: ApplyView, name: string, options: readonly (readonly [string, string])[]): Markup {
  const chosen = view.typed[name] ?? (options.length === 1 ? options[0]?.[0] : '');
  return html`<select ${attributes(view, name)}><option value="">${say('choose', view.language)}</option>
${options.map(([value, text]) => html`<option value="${value}"${value === chosen ? html` selected` : ''}>${text}</option>`)}</select>`;
}

/** @param hintId of what else describes the input, beside what is wrong with it */
function attributes({ faults }: ApplyView, name: string, hintId = ''): Markup {
  const id = idOf(name);
  const hasFault = faults[name] !== undefined;
  const described = [hintId, hasFault ? `${id}-error` : ''].filter((part) => part !== '').join(' ');
  return html`id="${id}" name="${name}" required${hasFault ? html` aria-invalid="true"` : ''}${described === '' ? '' : html` aria-describedby="${described}"`}`;
}

function idOf(name: string): string {
  return `f-${name.replaceAll('.', '-')}`;
}

function labelOf(name: string, language: Language): string {
  return name === 'consent' ? say('agreements', language) : (fieldLabels[name]?.[language] ?? name);
}
