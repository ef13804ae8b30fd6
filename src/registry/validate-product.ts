import { Rational } from '../base/rational.ts';
import { aprRange, offerAboveCap } from '../pricing/apr-range.ts';
import { isSinglePayment } from '../pricing/schedule.ts';
import type { SetOptions } from './counterparty-set.ts';
import type { FieldPath, Finding } from './registry-problem.ts';
import { ONWARD_MACROS, ONWARD_TARGETS } from './schema/onward.ts';
import { DEFAULT_APR_CAP, type Product } from './schema/product.ts';
import { compareDecimals } from './schema/scalars.ts';
import { urlFault } from './validate-url.ts';

/** No product above this loads, whatever its basis. */
export const HIGHEST_APR_CAP = '0.36';

/** Checks one product beyond its schema: APR cap, due day, addresses and hashes of its agreements, the way onward. */
export function validateProduct(file: string, path: FieldPath, product: Product, options: SetOptions): Finding[] {
  return [
    ...capFindings(file, path, product),
    ...dueDayFindings(file, path, product),
    ...onwardFindings(file, [...path, 'onward'], product, options),
    ...product.requirements.consents.flatMap((consent, index) =>
      consentTextFindings(file, [...path, 'requirements', 'consents', index], consent, options),
    ),
  ];
}

/** A consent is compared by hash, so a live file must name a real one; in sandbox a placeholder is only warned about. */
export function consentTextFindings(
  file: string,
  path: FieldPath,
  consent: { text_sha256: string; url?: string },
  options: SetOptions,
): Finding[] {
  const found: Finding[] = [];
  const severity = options.environment === 'sandbox' ? ({ severity: 'warning' } as const) : {};
  if (!/^[0-9a-f]{64}$/.test(consent.text_sha256)) {
    const message = 'is not a SHA-256 in 64 lower-case hex digits';
    const hint = 'sha256sum of the text as shown; a placeholder works in the sandbox only';
    found.push({ file, path: [...path, 'text_sha256'], code: 'consent_placeholder', message, hint, ...severity });
  }
  const fault = consent.url === undefined ? null : urlFault(consent.url, options.environment);
  if (fault !== null) {
    const isPlaceholder = consent.url?.includes('…') === true;
    const code = isPlaceholder ? 'consent_placeholder' : 'url_not_allowed';
    found.push({ file, path: [...path, 'url'], code, message: fault, ...(isPlaceholder ? severity : {}) });
  }
  return found;
}

function capFindings(file: string, path: FieldPath, product: Product): Finding[] {
  const cap = product.apr_cap;
  const at = [...path, 'apr_cap'];
  if (compareDecimals(cap, HIGHEST_APR_CAP) > 0) {
    return [{ file, path: at, code: 'apr_cap_too_high', message: `must not be above ${HIGHEST_APR_CAP}` }];
  }
  if (compareDecimals(cap, DEFAULT_APR_CAP) > 0 && product.apr_cap_basis === undefined) {
    const message = `above ${DEFAULT_APR_CAP} needs apr_cap_basis`;
    return [{ file, path: at, code: 'apr_cap_without_basis', message, hint: 'name the rule that allows it' }];
  }
  return aboveCapFindings(file, path, product);
}

/**
 * A product whose dearest offer is above its cap does not load: every amount, term and length of the first period that it
 * allows counts, with the yearly rate that a quote would show. Rounding to whole minor units is not price.
 */
function aboveCapFindings(file: string, path: FieldPath, product: Product): Finding[] {
  const offer = offerAboveCap(product, product.apr_cap);
  if (offer === undefined) return [];
  const cap = percentText(product.apr_cap);
  const dearest = aprRange(product)?.max;
  const cost =
    dearest === undefined
      ? 'fees due at payout leave nothing of the loan'
      : `interest and fees cost up to ${percentText(dearest)} a year, above the cap of ${cap}`;
  const first = product.due_day === undefined ? '' : `, paid out on ${offer.startOn}`;
  const message = `${cost} (above it is ${offer.amount} over ${offer.term} ${product.term.unit}s${first})`;
  return [{ file, path: [...path, 'rate'], code: 'apr_above_cap', message, hint: 'lower rate or fees' }];
}

/** A day on which every instalment falls due means nothing to a loan that is paid back at once. */
function dueDayFindings(file: string, path: FieldPath, product: Product): Finding[] {
  const { due_day, repayment, term } = product;
  if (due_day === undefined) {
    if (product.first_period_min_days === undefined) return [];
    const message = 'has no meaning without due_day';
    return [{ file, path: [...path, 'first_period_min_days'], code: 'due_day_missing', message }];
  }
  if (!isSinglePayment({ repayment, termUnit: term.unit })) return [];
  const message = 'is for monthly instalments; a bullet loan, or one in days, falls due once, at its end';
  return [{ file, path: [...path, 'due_day'], code: 'due_day_unused', message }];
}

/** Where applicants go on to is as public as any other address, and names only what it can be given. */
function onwardFindings(file: string, path: FieldPath, { onward }: Product, options: SetOptions): Finding[] {
  const given = ONWARD_TARGETS.flatMap((name) => {
    const url = onward?.[name];
    return url === undefined ? [] : [[name, url] as const];
  });
  return given.flatMap(([name, url]): Finding[] => {
    const at = [...path, name];
    const unknown = [...url.matchAll(/\{([^}]*)\}/g)].map(([, macro = '']) => macro);
    const stray = unknown.find((macro) => !ONWARD_MACROS.some((one) => one === macro));
    if (stray !== undefined) {
      const hint = `known are ${ONWARD_MACROS.map((macro) => `{${macro}}`).join(', ')}`;
      return [{ file, path: at, code: 'macro_unknown', message: `there is no {${stray}}`, hint }];
    }
    const fault = urlFault(url, options.environment);
    if (fault !== null) return [{ file, path: at, code: 'url_not_allowed', message: fault }];
    if (/^[^/]*\/\/[^/?#]*\{/.test(url)) {
      return [{ file, path: at, code: 'url_not_allowed', message: 'must not have a macro in its host' }];
    }
    return [];
  });
}

/** "0.2531…" → "25.31 %". */
function percentText(fraction: string): string {
  return `${Rational.parse(fraction).mul(Rational.of(100)).toDecimal(2)} %`;
}
