import { html } from 'hono/html';
import type { Application } from '../../applications/model.ts';
import type { Language } from '../../http/accept-language.ts';
import type { RegisteredProduct, Registry } from '../../registry/registry.ts';
import { type ActionForm, actionForm } from './action-form.ts';
import { funderNames, lenderName } from './agreements.ts';
import type { WayBack } from './handoff-form.ts';
import type { WayOnward } from './onward.ts';
import { percentText, shownMoney } from './page-money.ts';
import { type Markup, renderPage } from './page-shell.ts';
import { say, type TextName } from './page-texts.ts';
import { productName, termText } from './product-facts.ts';
import { isUnderWay, type Stage, stageOf, stageTexts } from './result-stages.ts';
import { shownTime } from './shown-time.ts';

export interface ResultView {
  readonly registry: Registry;
  readonly application: Application;
  /** Changes whenever the application does. */
  readonly version: number;
  readonly product: RegisteredProduct;
  readonly language: Language;
  /** This page's own address, in a language. */
  readonly address: (language: Language) => string;
  /** What the lender wants of the applicant now; undefined = nothing. */
  readonly action: ActionForm | undefined;
  readonly onward: (WayOnward & { readonly address: string; readonly stayAddress: string }) | undefined;
  /** Told on top, after something was sent. */
  readonly message?: { readonly text: string; readonly isBad: boolean } | undefined;
  readonly status?: number;
  /** Where somebody who was handed over goes back to; absent = nobody handed them over. */
  readonly back?: WayBack | undefined;
}

const REFRESH_SECONDS = 5;
const ONWARD_SECONDS = 8;
const GOOD: ReadonlySet<Stage> = new Set<Stage>(['granted', 'loanReview', 'paying', 'paid', 'settled']);

/**
 * Where an application stands and what comes next, for the applicant. Why it was refused is between us and the partner. What
 * the script exchanges when something has changed is in parts (`data-part`).
 */
export function resultPage(view: ResultView): Promise<Response> {
  const { registry, application, product, language, action, onward, message, version } = view;
  const stage = stageOf(application);
  const name = productName(product, language);
  const lender = lenderName(registry, product);
  const title = say('yourApplication', language, { product: name });
  const [state, next] = stageTexts[stage];
  const fill = (text: string): string =>
    text
      .replaceAll('{lender}', lender)
      .replaceAll('{product}', name)
      .replace('{cooling}', coolingOff(product, language));
  const isWaiting = isUnderWay(stage);
  const refresh = isWaiting ? html` data-refresh` : '';
  const body = html`<h1>${title}</h1>
<div id="result" data-state="${version}"${refresh}>
<div data-part="state">${message === undefined ? '' : html`<section class="${message.isBad ? 'alert' : 'notice'}" role="alert" tabindex="-1" autofocus><p>${message.text}</p></section>`}
<section role="status" class="notice"><p class="state${GOOD.has(stage) ? ' good' : ''}">${fill(state[language])}</p>
${detailOf(view, stage)}</section></div>
<div data-part="next">${action === undefined ? '' : actionForm(action)}
<section><h2>${say('whatNext', language)}</h2><p>${fill(next[language])}</p>
${onwardOf(view, lender)}
${backLink(view)}
${isWaiting ? html`<p class="note">${say('refreshing', language)} <a class="again" href="${view.address(language)}">${say('lookAgain', language)}</a></p>` : ''}</section>
<section>${factsOf(view)}</section></div></div>`;
  const isFillingIn = action !== undefined;
  return renderPage({
    language,
    title,
    body,
    otherLanguage: view.address(language === 'zh' ? 'en' : 'zh'),
    hasScript: true,
    status: view.status ?? 200,
    // Nobody loses what they are typing to a refresh.
    ...(isWaiting && !isFillingIn ? { refreshSeconds: REFRESH_SECONDS } : {}),
    ...(onward?.isAutomatic ? { goesTo: { address: onward.address, seconds: ONWARD_SECONDS } } : {}),
  });
}

function coolingOff({ cooling_off_days: days }: RegisteredProduct, language: Language): string {
  return days > 0 ? say('coolingOff', language, { days }) : '';
}

function detailOf({ application, product, language }: ResultView, stage: Stage): Markup {
  const { credit, retry_at: retryAt, status } = application;
  const loan = application.loans.at(-1);
  const { zone } = shownTime(retryAt ?? application.updated_at, product.timezone, language);
  const day = (instant: string): string => shownTime(instant, product.timezone, language).day;
  if (loan !== undefined) {
    const amount = shownMoney(loan.amount.amount, loan.amount.currency, language);
    return html`<p>${say('loanSize', language, { amount, term: termText(loan.term, product, language) })}</p>`;
  }
  if (stage === 'granted' && credit) {
    const amount = shownMoney(credit.amount, credit.currency, language);
    const values = { amount, apr: percentText(credit.apr), date: day(credit.expires_at), zone };
    return html`<p>${say('offer', language, values)}</p>`;
  }
  const isOver = status === 'refused' || status === 'credit_declined';
  return isOver && retryAt ? html`<p>${say('notBefore', language, { date: day(retryAt), zone })}</p>` : html``;
}

function backLink({ back, language }: ResultView): Markup {
  if (back === undefined) return html``;
  return html`<p><a class="button second" href="${back.href}" rel="noopener noreferrer">${say('backTo', language, { partner: back.partner })}</a></p>`;
}

function onwardOf({ onward, language }: ResultView, lender: string): Markup {
  if (onward === undefined) return html``;
  const soon = html`<p class="note">${say('onwardSoon', language, { n: ONWARD_SECONDS, lender })} <a href="${onward.stayAddress}">${say('stayHere', language)}</a></p>`;
  return html`<p><a class="button" href="${onward.address}" rel="noopener noreferrer">${say('onward', language, { lender })}</a></p>
${onward.fallback === null ? '' : html`<p><a class="button second" href="${onward.fallback}" rel="noopener noreferrer">${say('onwardElse', language)}</a></p>`}
${onward.isAutomatic ? soon : ''}`;
}

/** What was applied for, with whom, and when this was last changed. */
function factsOf({ registry, application, product, language }: ResultView): Markup {
  const { requested, created_at: createdAt, updated_at: updatedAt } = application;
  const time = (instant: string): string => {
    const { minute, zone } = shownTime(instant, product.timezone, language);
    return language === 'zh' ? `${minute}（${zone}）` : `${minute} (${zone})`;
  };
  const rows: [TextName, string][] = [
    ['lenderOfRecord', lenderName(registry, product)],
    ['funders', funderNames(registry, product, language)],
    ...(requested === null
      ? []
      : ([
          [
            'loanWanted',
            say('loanSize', language, {
              amount: shownMoney(requested.amount.amount, requested.amount.currency, language),
              term: termText(requested.term, product, language),
            }),
          ],
        ] as [TextName, string][])),
    ['appliedOn', time(createdAt)],
    ['asOf', time(updatedAt)],
  ];
  return html`<dl>${rows.map(([name, value]) => html`<div><dt>${say(name, language)}</dt><dd>${value}</dd></div>`)}</dl>
<p class="note">${say('reference', language)}${say('colon', language)}<code>${application.id}</code></p>`;
}
