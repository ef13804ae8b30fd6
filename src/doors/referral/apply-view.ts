import { html, raw } from 'hono/html';
import { maskPhone } from '../../identity/mask.ts';
import type { LinkTarget } from '../../intake/find-link.ts';
import type { Registry } from '../../registry/registry.ts';
import { agreementInputs } from './agreement-inputs.ts';
import type { PageAgreement } from './agreements.ts';
import { estimateLines } from './estimate.ts';
import { idOf } from './field-id.ts';
import { choiceText } from './field-labels.ts';
import { attributes, catalogueInput, field, type InputsView, labelOf, select } from './form-inputs.ts';
import { extraFields } from './page-fields.ts';
import { majorText, readMajor } from './page-money.ts';
import { estimateFacts, pagePlan } from './page-plan.ts';
import { type Markup, renderPage } from './page-shell.ts';
import { say } from './page-texts.ts';
import type { PageVariant } from './page-variant.ts';
import { privacyNote } from './privacy-note.ts';
import { productFacts, productName, termText } from './product-facts.ts';
import { amountWords, purposesOf } from './read-form.ts';

/** Everything that the form shows. */
export interface ApplyView extends InputsView {
  readonly registry: Registry;
  readonly target: LinkTarget;
  /** Sealed state of the form. */
  readonly token: string;
  readonly clickId: string | null;
  readonly agreements: readonly PageAgreement[];
  /** Fingerprint of what is shown to be agreed to. */
  readonly shown: string;
  /** Documents whose boxes were ticked by the applicant; none is ticked before. */
  readonly ticked: ReadonlySet<string>;
  /** Where the code went, once it was sent; then it is asked for. */
  readonly sentTo: string | null;
  /** Whether the phone that came along needs no code. */
  readonly isVerified: boolean;
  /** Until another code may be asked for. */
  readonly waitSeconds: number;
  readonly isSandbox: boolean;
  readonly variant: PageVariant;
  /** Name of this load of the page; undefined = nobody counts what happens on it. */
  readonly load: string | undefined;
  /** Business time. */
  readonly nowMs: number;
  /** A fault of the form as a whole. */
  readonly message?: string;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * The hosted application form: the product, the inputs, the agreements; with the code's input once it was sent. What the
 * script exchanges after a post is in parts (`data-part`).
 */
export function applyPage(view: ApplyView): Promise<Response> {
  const { registry, language, target, agreements, ticked, faults, variant, shown } = view;
  const heading = variant.headline ?? say('apply', language, { product: productName(target.product, language) });
  const plan = JSON.stringify(pagePlan(target.product, language, view.nowMs)).replaceAll('<', '\\u003c');
  const body = html`<h1>${heading}</h1>
${variant.note === undefined ? '' : html`<p class="lead">${variant.note}</p>`}
<div data-part="alert">${alertOf(view)}</div>
${productFacts(registry, target.product, language)}
<form id="apply" method="post" action="${addressOfForm(view, language)}" novalidate${loadOf(view)}>
<input type="hidden" name="form" value="${view.token}">
${loanInputs(view)}
${personInputs(view)}
<div data-part="agreements" data-shown="${shown}">${agreementInputs({ registry, language, agreements, ticked, error: faults.consent })}</div>
${privacyNote(registry, target, language)}
<div data-part="step">${stepOf(view)}</div>
</form>
<script type="application/json" id="plan">${raw(plan)}</script>`;
  const title = isWrong(view) ? say('faultyTitle', language, { title: heading }) : heading;
  const otherLanguage = addressOfForm(view, language === 'zh' ? 'en' : 'zh');
  return renderPage({
    language,
    title,
    body,
    otherLanguage,
    status: view.status ?? 200,
    headers: view.headers ?? {},
    hasScript: true,
  });
}

function addressOfForm({ target, clickId }: ApplyView, language: string): string {
  const click = clickId === null ? '' : `click=${clickId}&`;
  return `/apply/${target.code}?${click}lang=${language}`;
}

/** What the page's script tells of itself under. */
function loadOf({ load, clickId }: ApplyView): Markup {
  return load === undefined ? html`` : html` data-load="${load}" data-click="${clickId}"`;
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

function loanInputs(given: ApplyView): Markup {
  const view = withDefaults(given);
  const { language, typed, target, faults } = view;
  const { product } = target;
  // What is wrong with an amount names its limits itself.
  const hasHint = faults.amount === undefined || !typed.amount;
  const hint = hasHint ? say('amountHint', language, amountWords(product, language)) : undefined;
  const terms = product.term.options.map((term): [string, string] => [String(term), termText(term, product, language)]);
  const purposes = purposesOf(product).map((purpose): [string, string] => [purpose, choiceText(purpose, language)]);
  return html`<fieldset><legend>${say('yourLoan', language)}</legend>
${field(view, 'amount', html`<input ${attributes(view, 'amount', hasHint ? 'f-amount-hint' : '')} inputmode="decimal" autocomplete="off" enterkeyhint="next" maxlength="24" value="${typed.amount}">`, hint)}
${field(view, 'term', select(view, 'term', terms))}
${field(view, 'purpose', select(view, 'purpose', purposes))}
${estimate(view)}
</fieldset>`;
}

/** Before anything was typed: what the variant proposes, else the smallest amount. A proposal that is not on offer is none. */
function withDefaults(view: ApplyView): ApplyView & { readonly typed: { readonly amount: string } } {
  const { typed, variant, target } = view;
  const { product } = target;
  const { min, max, step } = product.amount;
  const { default_amount: wanted = min, default_term: term } = variant;
  const fits = wanted >= min && wanted <= max && (wanted - min) % step === 0;
  const amount = typed.amount ?? majorText(fits ? wanted : min, product.currency);
  const hasTerm = typed.term === undefined && term !== undefined && product.term.options.includes(term);
  return { ...view, typed: { ...typed, amount, ...(hasTerm ? { term: String(term) } : {}) } };
}

/** What the loan would cost, as far as amount and term are known; the script keeps it up to date. */
function estimate({ typed, target, language, nowMs, registry }: ApplyView): Markup {
  const { product } = target;
  const facts = estimateFacts(product, language, nowMs);
  if (facts === null) return html``;
  const { options } = product.term;
  const amount = readMajor(typed.amount ?? '', product.currency) ?? 0;
  const term = Number(typed.term ?? (options.length === 1 ? options[0] : 0));
  const lines = estimateLines(facts.product, { ...facts, amount, term, language });
  const lender = registry.lenders.get(product.lender_id)?.name ?? product.lender_id;
  return html`<div class="estimate"${lines.length === 0 ? html` hidden` : ''}>
<output id="estimate" for="f-amount f-term">${lines.map((line) => html`<span>${line}</span>`)}</output>
<p class="hint">${say('estimateNote', language, { lender })}</p></div>`;
}

/** A line below an input: what came with a hand-off, and that it may stay as it is. */
function knownHint({ known, language, target }: ApplyView, name: string): string | undefined {
  const value = known?.[name];
  return value === undefined ? undefined : say('knownHint', language, { value, partner: target.partner.name });
}

function personInputs(view: ApplyView): Markup {
  const { language, typed, target, isVerified } = view;
  const known = {
    name: knownHint(view, 'name'),
    id_number: knownHint(view, 'id_number'),
    phone: knownHint(view, 'phone'),
  };
  const hint = [known.phone, isVerified ? undefined : say('phoneHint', language)].filter(Boolean).join(' ');
  return html`<fieldset><legend>${say('aboutYou', language)}</legend>
${field(view, 'name', html`<input ${attributes(view, 'name', known.name && 'f-name-hint')} autocomplete="name" enterkeyhint="next" maxlength="64" value="${typed.name ?? ''}">`, known.name)}
${field(view, 'id_number', html`<input ${attributes(view, 'id_number', known.id_number && 'f-id_number-hint')} autocomplete="off" autocapitalize="characters" spellcheck="false" enterkeyhint="next" maxlength="40" value="${typed.id_number ?? ''}">`, known.id_number)}
${field(view, 'phone', html`<input ${attributes(view, 'phone', 'f-phone-hint')} type="tel" autocomplete="tel" enterkeyhint="next" maxlength="32" value="${typed.phone ?? ''}">`, hint)}
${extraFields(target.product).map((extra) => catalogueInput(view, extra, target.product.currency))}
</fieldset>`;
}

function stepOf(view: ApplyView): Markup {
  if (view.sentTo !== null) return askToApply(view, view.sentTo);
  return view.isVerified ? applyButton(view) : askForCode(view);
}

function applyButton({ language }: ApplyView): Markup {
  return html`<button name="step" value="apply" data-busy="${say('busy', language)}">${say('submit', language)}</button>`;
}

function askForCode({ language, variant }: ApplyView): Markup {
  return html`<button name="step" value="otp" data-busy="${say('busy', language)}">${variant.button ?? say('sendCode', language)}</button>`;
}

function askToApply(view: ApplyView, sentTo: string): Markup {
  const { language, typed, faults, waitSeconds } = view;
  // The code just typed is kept while other inputs are put right: nobody should have to look for the message again.
  const kept = typed.step === 'apply' && isWrong(view) && faults.otp === undefined ? (typed.otp ?? '') : '';
  const focus = needsOnlyCode(view) ? html` autofocus` : '';
  const input = html`<input ${attributes(view, 'otp', 'otp-sent')} inputmode="numeric" autocomplete="one-time-code" enterkeyhint="done" maxlength="16" value="${kept}"${focus}>`;
  return html`<section class="notice otp"><p id="otp-sent" role="status">${say('codeSent', language, { phone: maskPhone(sentTo) })}${view.isSandbox ? html`<br>${say('sandboxCode', language)}` : ''}</p>
${field(view, 'otp', input)}</section>
${applyButton(view)}
<button name="step" value="otp" class="second" data-busy="${say('busy', language)}"${waitSeconds > 0 ? html` data-wait="${waitSeconds}"` : ''}>${say('sendAgain', language)}</button>`;
}
