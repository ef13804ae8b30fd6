import { html } from 'hono/html';
import { DOCUMENT_MAX_BYTES } from '../../applications/documents/document.ts';
import { DOCUMENT_CONTENT_TYPES } from '../../applications/documents/sniff-content-type.ts';
import type { Action, Application, Card } from '../../applications/model.ts';
import type { RegisteredProduct, Registry } from '../../registry/registry.ts';
import { agreementInputs } from './agreement-inputs.ts';
import type { PageAgreement } from './agreements.ts';
import { documentText } from './field-labels.ts';
import { attributes, catalogueInput, field, type InputsView } from './form-inputs.ts';
import { hasInput, pageFields } from './page-fields.ts';
import type { Markup } from './page-shell.ts';
import { say } from './page-texts.ts';
import { shownTime } from './shown-time.ts';

/** What the lender wants of the applicant, as a form. */
export interface ActionForm extends InputsView {
  readonly registry: Registry;
  readonly application: Application;
  readonly product: RegisteredProduct;
  readonly action: Action;
  readonly lender: string;
  /** Where it is sent. */
  readonly address: string;
  readonly agreements: readonly PageAgreement[];
  readonly ticked: ReadonlySet<string>;
  /** Cards that may be chosen. */
  readonly cards: readonly Card[];
  /** Whether files can be taken. */
  readonly takesFiles: boolean;
}

/** Input of a file, by what it shows. */
export const FILE_PREFIX = 'document.';
export const FILE_MEGABYTES = DOCUMENT_MAX_BYTES / 1024 / 1024;

/** Whether an action can be answered on our page. */
export function isAnswerable(
  { type, fields = [], documents = [], verifications = [], url }: Action,
  takesFiles: boolean,
) {
  if (type === 'redirect') return isWebAddress(url);
  if (type !== 'supplement') return true;
  const isEmpty = fields.length + documents.length === 0;
  return !isEmpty && verifications.length === 0 && fields.every(hasInput) && (documents.length === 0 || takesFiles);
}

/** The form of an action: what is asked for, until when, and the inputs for it. */
export function actionForm(view: ActionForm): Markup {
  const { action, language, lender, product } = view;
  const { minute, zone } = shownTime(action.expires_at, product.timezone, language);
  const time = language === 'zh' ? `${minute}（${zone}）` : `${minute} (${zone})`;
  return html`<section class="todo"><h2>${say('doThis', language, { lender })}</h2>
${action.message === undefined ? '' : html`<p>${action.message}</p>`}
${isAnswerable(action, view.takesFiles) ? inputsOf(view) : html`<p>${say('actionElsewhere', language, { lender })}</p>`}
<p class="note">${say('until', language, { time })}</p></section>`;
}

function inputsOf(view: ActionForm): Markup {
  switch (view.action.type) {
    case 'supplement':
      return supplementInputs(view);
    case 'otp':
      return codeInputs(view);
    case 'agree':
      return form(view, html`${agreementsOf(view)}${send(view)}`);
    case 'card':
      return cardInputs(view);
    case 'redirect':
      return html`<p><a class="button" href="${view.action.url ?? ''}" rel="noopener noreferrer">${say('continueThere', view.language)}</a></p>
${form(view, html`<button name="do" value="answer" class="second" data-busy="${say('busy', view.language)}">${say('cameBack', view.language)}</button>`)}`;
  }
}

function form({ address, action }: ActionForm, inputs: Markup, hasFiles = false): Markup {
  return html`<form method="post" action="${address}" novalidate${hasFiles ? html` enctype="multipart/form-data"` : ''}>
<input type="hidden" name="action" value="${action.id}">
${inputs}</form>`;
}

function send({ language }: ActionForm, what = 'answer'): Markup {
  return html`<button name="do" value="${what}" data-busy="${say('busy', language)}">${say('sendIt', language)}</button>`;
}

function supplementInputs(view: ActionForm): Markup {
  const { action, language, product, faults } = view;
  const { fields = [], documents = [] } = action;
  const files = documents.map((kind) => {
    const name = `${FILE_PREFIX}${kind}`;
    const id = `f-document-${kind}`;
    const error = faults[name];
    const input = html`<input ${attributes(view, name, `${id}-hint`)} type="file" accept="${DOCUMENT_CONTENT_TYPES.join(',')}">`;
    return html`<div class="field"><label for="${id}">${documentText(kind, language)}</label>
${input}<p class="hint" id="${id}-hint">${say('file', language, { n: FILE_MEGABYTES })}</p>
${error === undefined ? '' : html`<p class="error" id="${id}-error">${error}</p>`}</div>`;
  });
  const inputs = pageFields(fields, product.currency).map((one) => catalogueInput(view, one, product.currency));
  return form(view, html`${inputs}${files}${send(view)}`, files.length > 0);
}

function codeInputs(view: ActionForm): Markup {
  const { action, language, lender } = view;
  const sent =
    action.sent_to === undefined
      ? say('codeBySomewhere', language, { lender })
      : say('codeBy', language, { lender, phone: action.sent_to });
  const input = html`<input ${attributes(view, 'otp', 'otp-sent')} inputmode="numeric" autocomplete="one-time-code" enterkeyhint="done" maxlength="16" value="">`;
  return html`${form(view, html`<p id="otp-sent">${sent}</p><div class="otp">${field(view, 'otp', input)}</div>${send(view)}`)}
${form(view, html`<button name="do" value="resend" class="second" data-busy="${say('busy', language)}">${say('sendAgain', language)}</button>`)}`;
}

function agreementsOf(view: ActionForm): Markup {
  const { registry, language, agreements, ticked, faults } = view;
  if (agreements.length === 0) return html``;
  return agreementInputs({ registry, language, agreements, ticked, error: faults.consent });
}

/** A card that is bound already, or else a new one. */
function cardInputs(view: ActionForm): Markup {
  const { cards, language, product } = view;
  if (cards.length > 0) {
    const choices = cards.map(
      ({ id, bank_code: bank, last4 }, at) =>
        html`<label class="radio" for="card-${at}"><input type="radio" name="card" id="card-${at}" value="${id}"${cards.length === 1 ? html` checked` : ''}>${say('cardEnding', language, { bank: bank ?? '', last4 })}</label>`,
    );
    const error = view.faults.card;
    return form(
      view,
      html`<fieldset><legend>${say('chooseCard', language)}</legend>${choices}${error === undefined ? '' : html`<p class="error" id="card-error">${error}</p>`}</fieldset>${send(view)}`,
    );
  }
  const inputs = pageFields(['bank_card.number', 'bank_card.phone'], product.currency);
  return form(
    view,
    html`${inputs.map((one) => catalogueInput(view, one, product.currency))}${agreementsOf(view)}${send(view, 'bind')}`,
  );
}

function isWebAddress(url: string | undefined): boolean {
  return url !== undefined && /^https?:\/\//.test(url);
}
