import { html } from 'hono/html';
import type { Language } from '../../http/accept-language.ts';
import type { Registry } from '../../registry/registry.ts';
import type { PageAgreement } from './agreements.ts';
import { choiceText } from './field-labels.ts';
import type { Markup } from './page-shell.ts';
import { say } from './page-texts.ts';

/** What the agreements of a form show. */
export interface AgreementsView {
  readonly registry: Registry;
  readonly language: Language;
  readonly agreements: readonly PageAgreement[];
  /** Documents whose boxes were ticked by the applicant. */
  readonly ticked: ReadonlySet<string>;
  /** Why the form came back, when it is for want of agreement. */
  readonly error: string | undefined;
}

/** A box to tick for each agreement: its text or where it is, who receives what, and which text exactly that was. */
export function agreementInputs(view: AgreementsView): Markup {
  const { language, agreements, error } = view;
  return html`<fieldset><legend>${say('agreements', language)}</legend>
${agreements.map((agreement, index) => agreementInput(view, agreement, index))}
${error === undefined ? '' : html`<p class="error" id="consent-error">${error}</p>`}
</fieldset>`;
}

function agreementInput(view: AgreementsView, agreement: PageAgreement, index: number): Markup {
  const { language, error, ticked } = view;
  const { kind, document, version, text, url, textSha256 } = agreement;
  const id = index === 0 ? 'f-consent' : `f-consent-${index}`;
  const invalid =
    error === undefined || ticked.has(document) ? '' : html` aria-invalid="true" aria-describedby="consent-error"`;
  const link = html`<a href="${url ?? ''}" target="_blank" rel="noopener noreferrer">${say('readText', language)}</a>`;
  return html`<div class="field check">
<input type="checkbox" id="${id}" name="consent" value="${document}" required${invalid}${ticked.has(document) ? html` checked` : ''}>
<div><label for="${id}">${say('iAgree', language)}<b>${say('agreementName', language, { name: choiceText(kind, language) })}</b></label>
${text === null ? '' : html`<p class="text">${text}</p>`}
<p class="text">${url === null ? '' : html`${link} · `}${say('recipients', language, { names: recipients(view, agreement) })}</p>
<details class="text"><summary>${say('aboutText', language)}</summary>
<p>${document} · ${say('version', language, { version })}<br>${say('fingerprint', language)} <code>${textSha256}</code></p></details></div>
</div>`;
}

function recipients({ registry, language }: AgreementsView, { parties }: PageAgreement): string {
  const names = parties.map((id) => registry.lenders.get(id)?.name ?? registry.funders.get(id)?.name ?? id);
  return names.join(language === 'zh' ? '、' : ', ');
}
