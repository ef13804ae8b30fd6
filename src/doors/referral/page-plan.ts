import { DateTime } from 'luxon';
import type { Language } from '../../http/accept-language.ts';
import type { RegisteredProduct } from '../../registry/registry.ts';
import type { EstimateTexts } from './estimate.ts';
import { say, textOf } from './page-texts.ts';
import type { PagePlan } from './plan-shape.ts';
import { checkedFields, faultText } from './read-form.ts';

const FAULTS = [
  'required',
  'chooseOne',
  'nameInvalid',
  'idInvalid',
  'phoneInvalid',
  'amountInvalid',
  'otpNeeded',
  'valueInvalid',
] as const;

/** What the form's script needs of a product. @param nowMs business time */
export function pagePlan(product: RegisteredProduct, language: Language, nowMs: number): PagePlan {
  const fault = Object.fromEntries(FAULTS.map((name) => [name, faultText(name, product, language)]));
  return {
    language,
    fields: checkedFields(product).map(({ name, check }) => ({
      name,
      check: check.kind === 'choice' ? { kind: 'choice', options: [] } : check,
    })),
    faults: { ...fault, consentNeeded: say('consentNeeded', language) } as PagePlan['faults'],
    words: {
      fixOne: say('fixOne', language),
      fixMany: textOf('fixMany', language),
      colon: say('colon', language),
      waiting: textOf('waiting', language),
      unreachable: say('unreachable', language),
      agreements: say('agreements', language),
      amountSlider: say('amountSlider', language),
    },
    estimate: estimateFacts(product, language, nowMs),
  };
}

/** What an estimate is computed from; null where the lender computes quotes itself. */
export function estimateFacts(product: RegisteredProduct, language: Language, nowMs: number): PagePlan['estimate'] {
  if (product.quotes !== 'local') return null;
  const { currency, amount, term, rate, repayment, fees, due_day, first_period_min_days, apr_cap } = product;
  return {
    product: { currency, amount, term, rate, repayment, fees, due_day, first_period_min_days, apr_cap },
    startOn: DateTime.fromMillis(nowMs, { zone: product.timezone }).toISODate() ?? '',
    texts: estimateTexts(language),
  };
}

function estimateTexts(language: Language): EstimateTexts {
  return {
    estimateLevel: textOf('estimateLevel', language),
    estimateFalling: textOf('estimateFalling', language),
    estimateOnce: textOf('estimateOnce', language),
    estimateTotal: textOf('estimateTotal', language),
    estimateReceived: textOf('estimateReceived', language),
  };
}
