import { Rational } from '../base/rational.ts';
import type { SetOptions } from './counterparty-set.ts';
import type { FieldPath, Finding } from './registry-problem.ts';
import { DEFAULT_APR_CAP, type Fee, type Product } from './schema/product.ts';
import { compareDecimals } from './schema/scalars.ts';
import { urlFault } from './validate-url.ts';

/** No product above this loads, whatever its basis. */
export const HIGHEST_APR_CAP = '0.36';

const MONTHS_PER_YEAR = 12;
const DAYS_PER_YEAR = 365;

/** Checks one product beyond its schema: APR cap, simple nominal cost, addresses and hashes of its agreements. */
export function validateProduct(file: string, path: FieldPath, product: Product, options: SetOptions): Finding[] {
  return [
    ...capFindings(file, path, product),
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
  const limit = Rational.parse(cap);
  const costs = product.term.options
    .flatMap((term) => [product.amount.min, product.amount.max].map((amount) => nominalCost(product, term, amount)))
    .sort((left, right) => left.compare(right));
  const [cheapest = Rational.ZERO] = costs;
  const dearest = costs.at(-1) ?? cheapest;
  const rate = [...path, 'rate'];
  if (cheapest.compare(limit) > 0) {
    const message = `interest and fees cost at least ${percentText(cheapest)} a year, above the cap of ${percentText(limit)}`;
    return [{ file, path: rate, code: 'apr_above_cap', message, hint: 'lower rate or fees' }];
  }
  if (dearest.compare(limit) > 0) {
    const message = `some offers cost ${percentText(dearest)} a year, above the cap of ${percentText(limit)}, and will be refused`;
    return [{ file, path: rate, code: 'apr_above_cap', message, severity: 'warning' }];
  }
  return [];
}

/**
 * Interest a year plus fees spread evenly over the term, as a fraction. Fees are taken of the full principal for the whole
 * term although it is repaid on the way, so the true annual rate is never lower: what exceeds here exceeds for certain.
 */
function nominalCost(product: Product, term: number, amount: number): Rational {
  const years = Rational.of(term, product.term.unit === 'month' ? MONTHS_PER_YEAR : DAYS_PER_YEAR);
  // A loan in days falls due once; one in months every month, except a bullet.
  const instalments = product.term.unit === 'month' && product.repayment !== 'bullet' ? term : 1;
  const fees = product.fees.reduce(
    (sum, fee) => sum.add(feeShare(fee, amount).mul(Rational.of(fee.when === 'each' ? instalments : 1))),
    Rational.ZERO,
  );
  return annualRate(product).add(fees.div(years));
}

function feeShare(fee: Fee, amount: number): Rational {
  if (fee.percent === undefined) return Rational.of(fee.fixed ?? 0, amount);
  return Rational.parse(fee.percent).div(Rational.of(100));
}

function annualRate({ rate }: Product): Rational {
  if (rate.annual !== undefined) return Rational.parse(rate.annual);
  if (rate.monthly !== undefined) return Rational.parse(rate.monthly).mul(Rational.of(MONTHS_PER_YEAR));
  return Rational.parse(rate.daily ?? '0').mul(Rational.of(DAYS_PER_YEAR));
}

/** 0.2531… → "25.31 %". */
function percentText(fraction: Rational): string {
  return `${fraction.mul(Rational.of(100)).toDecimal(2)} %`;
}
