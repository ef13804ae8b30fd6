import { html } from 'hono/html';
import { DateTime } from 'luxon';
import { newestOpenAction } from '../../applications/lifecycle/actions.ts';
import type { Application } from '../../applications/model.ts';
import type { Language } from '../../http/accept-language.ts';
import type { RegisteredProduct } from '../../registry/registry.ts';
import { shownMoney } from './page-money.ts';
import { type Markup, renderPage } from './page-shell.ts';
import { say } from './page-texts.ts';
import { percentText, productName, termText } from './product-facts.ts';
import { type Stage, stageOf, stageTexts } from './result-stages.ts';

export interface ResultView {
  readonly application: Application;
  readonly product: RegisteredProduct;
  readonly language: Language;
  readonly otherLanguage: string;
  /** Name of the lender. */
  readonly lender: string;
}

const REFRESH_SECONDS = 5;
const UNDECIDED: ReadonlySet<Stage> = new Set(['received', 'review', 'needsInput', 'paying']);

/** Where an application stands and what comes next, for the applicant. Why it was refused is between us and the partner. */
export function resultPage(view: ResultView): Promise<Response> {
  const { application, product, language, lender, otherLanguage } = view;
  const stage = stageOf(application);
  const name = productName(product, language);
  const title = say('yourApplication', language, { product: name });
  const [state, next] = stageTexts[stage];
  const fill = (text: string): string => text.replaceAll('{lender}', lender).replaceAll('{product}', name);
  const isGood = stage === 'granted' || stage === 'paying' || stage === 'paid';
  const body = html`<h1>${title}</h1>
<section role="status" class="notice"><p class="state${isGood ? ' good' : ''}">${fill(state[language])}</p>
${detailOf(view, stage)}</section>
<section><h2>${say('whatNext', language)}</h2><p>${fill(next[language])}</p>
${actionOf(application, language)}
<p class="note">${say('reference', language)}${say('colon', language)}<code>${application.id}</code></p>
${UNDECIDED.has(stage) ? html`<p class="note">${say('refreshing', language)}</p>` : ''}</section>`;
  const refresh = UNDECIDED.has(stage) ? { refreshSeconds: REFRESH_SECONDS } : {};
  return renderPage({ language, title, body, otherLanguage, ...refresh });
}

function detailOf({ application, product, language }: ResultView, stage: Stage): Markup {
  const { credit, retry_at: retryAt, status } = application;
  const loan = application.loans.at(-1);
  const day = (instant: string): string =>
    DateTime.fromISO(instant, { zone: product.timezone }).toFormat(language === 'zh' ? 'yyyy年M月d日' : 'd LLL yyyy');
  if ((stage === 'paying' || stage === 'paid') && loan) {
    const amount = shownMoney(loan.amount.amount, loan.amount.currency, language);
    return html`<p>${say('loanSize', language, { amount, term: termText(loan.term, product, language) })}</p>`;
  }
  if (status === 'credit_granted' && credit) {
    const amount = shownMoney(credit.amount, credit.currency, language);
    const values = { amount, apr: percentText(credit.apr), date: day(credit.expires_at) };
    return html`<p>${say('offer', language, values)}</p>`;
  }
  const isOver = status === 'refused' || status === 'credit_declined';
  return isOver && retryAt ? html`<p>${say('notBefore', language, { date: day(retryAt) })}</p>` : html``;
}

/** A step that the lender wants at an address of its own. */
function actionOf(application: Application, language: Language): Markup {
  const action = newestOpenAction(application);
  if (!action?.url || !/^https?:\/\//.test(action.url)) return html``;
  return html`<p><a class="button" href="${action.url}" rel="noopener noreferrer">${action.message ?? say('continueThere', language)}</a></p>`;
}
