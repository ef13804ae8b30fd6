import { html } from 'hono/html';
import type { Language } from '../../http/accept-language.ts';
import { aprRange } from '../../pricing/apr-range.ts';
import type { RegisteredProduct, Registry } from '../../registry/registry.ts';
import { funderNames, lenderName } from './agreements.ts';
import { choiceText } from './field-labels.ts';
import { percentText, shownMoney } from './page-money.ts';
import type { Markup } from './page-shell.ts';
import { say } from './page-texts.ts';

/** What an applicant must know before anything is asked: who lends, whose money, what it costs. */
export function productFacts(registry: Registry, product: RegisteredProduct, language: Language): Markup {
  const { min, max } = product.amount;
  const rows: readonly [string, string][] = [
    [say('lenderOfRecord', language), lenderName(registry, product)],
    [say('funders', language), funderNames(registry, product, language)],
    [say('apr', language), aprText(product)],
    [
      say('amountRange', language),
      `${shownMoney(min, product.currency, language)} – ${shownMoney(max, product.currency, language)}`,
    ],
    [say('terms', language), termText(product.term.options.join(' / '), product, language)],
    [say('repayment', language), choiceText(product.repayment, language)],
    [say('fees', language), feesText(product, language)],
  ];
  const coolingOff = say('coolingOff', language, { days: product.cooling_off_days });
  return html`<section>
<dl>${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
<p class="note">${product.cooling_off_days > 0 ? `${coolingOff}${language === 'zh' ? '' : ' '}` : ''}${say('responsible', language)}</p>
</section>`;
}

export function productName(product: RegisteredProduct, language: Language): string {
  return product.name[language];
}

/** @param term one, or several as written */
export function termText(term: number | string, product: RegisteredProduct, language: Language): string {
  return say(product.term.unit === 'month' ? 'termMonths' : 'termDays', language, { n: term });
}

/** Finding a rate takes some thousand steps; a product never changes. */
const knownRates = new WeakMap<object, string>();

function aprText(product: RegisteredProduct): string {
  const known = knownRates.get(product);
  if (known !== undefined) return known;
  const range = aprRange(product);
  const [low, high] = range ? [percentText(range.min), percentText(range.max)] : ['', ''];
  const text = low === high ? low : `${low} – ${high}`;
  knownRates.set(product, text);
  return text;
}

function feesText(product: RegisteredProduct, language: Language): string {
  if (product.fees.length === 0) return say('noFees', language);
  return product.fees
    .map((fee) => {
      const size =
        fee.percent === undefined
          ? shownMoney(fee.fixed ?? 0, product.currency, language)
          : say('ofPrincipal', language, { percent: fee.percent });
      return `${choiceText(fee.kind, language)}${say('colon', language)}${size}${say('comma', language)}${say(fee.when, language)}`;
    })
    .join(say('semicolon', language));
}
