import { html } from 'hono/html';
import type { Language } from '../../http/accept-language.ts';
import { maskPhone } from '../../identity/mask.ts';
import type { LinkTarget } from '../../intake/find-link.ts';
import type { RegisteredProduct, Registry } from '../../registry/registry.ts';
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
  const { language, target } = view;
  const title = say('apply', language, { product: productName(target.product, language) });
  const body = html`<h1>${title}</h1>
${productFacts(view.registry, target.product, language)}
${alertOf(view)}
<form method="post" action="${addressOfForm(view, language)}" novalidate>
<input type="hidden" name="form" value="${view.token}">
${loanInputs(view)}
${personInputs(view)}
${agreementInputs(view)}
${view.sentTo === null ? askForCode(view) : askToApply(view, view.sentTo)}
</form>`;
  const otherLanguage = addressOfForm(view, language === 'zh' ? 'en' : 'zh');
  return renderPage({ language, title, body, otherLanguage, status: view.status ?? 200 });
}

function addressOfForm({ target, clickId }: ApplyView, language: Language): string {
  const click = clickId === null ? '' : `click=${clickId}&`;
  return `/apply/${target.code}?${click}lang=${language}`;
}

/** What is wrong, on top, each leading to its input. */
function alertOf({ faults, message, language }: ApplyView): Markup {
  const names = Object.keys(faults);
  if (names.length === 0 && message === undefined) return html``;
  const list = html`<p>${say('fixErrors', language, { n: names.length })}</p>
<ul>${names.map((name) => html`<li><a href="#${idOf(name)}">${labelOf(name, language)}</a>: ${faults[name]}</li>`)}</ul>`;
  return html`<section class="alert" role="alert">
${message === undefined ? '' : html`<p>${message}</p>`}${names.length === 0 ? '' : list}
</section>`;
}

function loanInputs(view: ApplyView): Markup {
  const { language, typed, target } = view;
  const { product } = target;
  const hint = say('amountHint', language, amountWords(product, language));
  const terms = product.term.options.map((term): [string, string] => [String(term), termText(term, product, language)]);
  const purposes = purposesOf(product).map((purpose): [string, string] => [purpose, choiceText(purpose, language)]);
  const amount = typed.amount ?? majorText(product.amount.min, product.currency);
  return html`<fieldset><legend>${say('yourLoan', language)}</legend>
${field(view, 'amount', html`<input ${attributes(view, 'amount', true)} inputmode="decimal" autocomplete="off" value="${amount}">`, hint)}
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
${field(view, 'phone', html`<input ${attributes(view, 'phone', true)} type="tel" autocomplete="tel" maxlength="32" value="${typed.phone ?? ''}">`, hint)}
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
  const input = html`<input ${attributes(view, name, kind === 'money')} type="${type}" inputmode="${mode}" autocomplete="${autocomplete}" maxlength="200" value="${view.typed[name] ?? ''}">`;
  return field(view, name, input, kind === 'money' ? product.currency : undefined);
}

function agreementInputs(view: ApplyView): Markup {
  const { language, agreements, faults } = view;
  const error = faults.consent;
  return html`<fieldset><legend>${say('agreements', language)}</legend>
${agreements.map((agreement, index) => agreementInput(view, agreement, index))}
${error === undefined ? '' : html`<p class="error" id="consent-error">${error}</p>`}
</fieldset>`;
}

function agreementInput(view: ApplyView, agreement: PageAgreement, index: number): Markup {
  const { language, faults, isAgreed } = view;
  const id = index === 0 ? 'f-consent' : `f-consent-${index}`;
  const name = choiceText(agreement.kind, language);
  const invalid = faults.consent === undefined ? '' : html` aria-invalid="true" aria-describedby="consent-error"`;
  const link = html`<a href="${agreement.url}" target="_blank" rel="noopener noreferrer">${say('readText', language)}</a>`;
  return html`<div class="field check">
<input type="checkbox" id="${id}" name="consent" value="${agreement.document}" required${invalid}${isAgreed ? html` checked` : ''}>
<div><label for="${id}">${say('iAgree', language)} <b>${name}</b> ${say('version', language, { version: agreement.version })}</label>
${agreement.text === null ? '' : html`<p class="text">${agreement.text}</p>`}
<p class="text">${agreement.url === null ? '' : html`${link} · `}${agreement.document} · ${agreement.parties.join(', ')} · <code>${say('fingerprint', language)} ${agreement.textSha256}</code></p></div>
</div>`;
}

function askForCode({ language }: ApplyView): Markup {
  return html`<button name="step" value="otp">${say('sendCode', language)}</button>`;
}

function askToApply(view: ApplyView, sentTo: string): Markup {
  const { language } = view;
  const input = html`<input ${attributes(view, 'otp')} inputmode="numeric" autocomplete="one-time-code" maxlength="6"${view.message === undefined && Object.keys(view.faults).length === 0 ? html` autofocus` : ''}>`;
  return html`<section class="notice" role="status">
<p>${say('codeSent', language, { phone: maskPhone(sentTo) })}</p>
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

function attributes({ faults }: ApplyView, name: string, hasHint = false): Markup {
  const id = idOf(name);
  const isWrong = faults[name] !== undefined;
  const described = [hasHint ? `${id}-hint` : '', isWrong ? `${id}-error` : ''].filter((part) => part !== '').join(' ');
  return html`id="${id}" name="${name}" required${isWrong ? html` aria-invalid="true"` : ''}${described === '' ? '' : html` aria-describedby="${described}"`}`;
}

function idOf(name: string): string {
  return `f-${name.replaceAll('.', '-')}`;
}

function labelOf(name: string, language: Language): string {
  return name === 'consent' ? say('agreements', language) : (fieldLabels[name]?.[language] ?? name);
}
