import type { FieldPath, Finding } from './registry-problem.ts';
import type { Terms } from './schema/terms.ts';

/** At these nobody has said yet whose money it will be. */
const BEFORE_ANY_FUNDER = /^(click$|applicant\.|application\.)/;

/** What the terms of a funder must say beside what those of a partner must. */
export function funderTermsFindings(file: string, path: FieldPath, terms: Terms, funderId: string): Finding[] {
  const { payer, rules } = terms;
  const found: Finding[] = [];
  if (payer !== funderId) {
    const message = `the terms of a funder are paid by the funder, not by ${payer}`;
    found.push({ file, path: [...path, 'payer'], code: 'payer_not_funder', message, hint: `write payer: ${funderId}` });
  }
  rules.forEach(({ on }, index) => {
    if (!BEFORE_ANY_FUNDER.test(on)) return;
    const message = `${on} never earns from a funder: whose money it is becomes known with the credit`;
    const hint = 'name an event from credit.granted on';
    found.push({
      file,
      path: [...path, 'rules', index, 'on'],
      code: 'never_earns',
      message,
      hint,
      severity: 'warning',
    });
  });
  return found;
}
