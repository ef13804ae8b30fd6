import type { FieldPath, Finding } from './registry-problem.ts';
import type { PercentBase, Rule } from './schema/rules.ts';
import type { Terms } from './schema/terms.ts';

/** Loan events that bring the principal: from a loan that is only being decided, nothing can be taken a percentage of. */
const WITH_PRINCIPAL: readonly string[] = ['loan.requested', 'loan.disbursed', 'loan.settled'];

/**
 * Rules and clawbacks that could never be priced: each of their events would be parked, and with it all that follows of its application.
 * Better that the file does not load.
 */
export function payFindings(file: string, path: FieldPath, terms: Terms): Finding[] {
  const ofRules = terms.rules.flatMap((rule, index) => {
    const at = [...path, 'rules', index];
    return [...baseFindings(file, at, rule), ...tierFindings(file, at, rule), ...onceFindings(file, at, rule)];
  });
  return [...ofRules, ...termFindings(file, path, terms)];
}

/** An event of the application or its credit names no loan whose term could be unexpired. */
function termFindings(file: string, path: FieldPath, { clawback }: Terms): Finding[] {
  return clawback.flatMap(({ on, take }, index) => {
    if (!('pro_rata' in take) || take.pro_rata === undefined || !/^(application|credit)\./.test(on)) return [];
    const where = [...path, 'clawback', index, 'take', 'pro_rata'];
    return [
      unpriceable(file, where, `${on} names no loan whose term is unexpired`, 'take a percent, or a fixed amount'),
    ];
  });
}

function baseFindings(file: string, path: FieldPath, { on, pay }: Rule): Finding[] {
  if ('fixed' in pay || pay.of === undefined) return [];
  const lacking = [pay.of].flat().find((base) => !brings(on, base));
  if (lacking === undefined) return [];
  const hint = on.startsWith('loan.') ? 'take the percentage of principal on loan.disbursed' : 'pay a fixed amount';
  return [unpriceable(file, [...path, 'pay', 'of'], `${on} carries no ${lacking}`, hint)];
}

function brings(on: Rule['on'], base: PercentBase): boolean {
  return on === 'installment.paid' || (base === 'principal' && WITH_PRINCIPAL.includes(on));
}

function tierFindings(file: string, path: FieldPath, { pay, caps }: Rule): Finding[] {
  if (!('tiers' in pay)) return [];
  const { tiers, measure, mode } = pay;
  const last = tiers.length - 1;
  const found: Finding[] = [];
  if (tiers[last]?.up_to !== undefined) {
    const message = 'the last tier must have no up_to: what is above it would have no price';
    found.push(unpriceable(file, [...path, 'pay', 'tiers', last, 'up_to'], message));
  }
  const fixed = tiers.findIndex((tier) => tier.fixed !== undefined);
  if (measure === 'amount' && fixed >= 0) {
    const message = 'tiers by amount take a percent: an event may lie in two of them';
    found.push(unpriceable(file, [...path, 'pay', 'tiers', fixed, 'fixed'], message));
  }
  if (mode === 'whole' && caps !== undefined) {
    found.push(unpriceable(file, [...path, 'caps'], 'whole tiers take no caps: the true-up at review would pass them'));
  }
  return found;
}

function onceFindings(file: string, path: FieldPath, { on, once_per: oncePer }: Rule): Finding[] {
  if (oncePer === undefined) return [];
  const isPayment = on === 'installment.paid';
  const names = {
    applicant: on !== 'click',
    application: on !== 'click',
    loan: isPayment || on.startsWith('loan.'),
    payment: isPayment,
  };
  if (names[oncePer]) return [];
  return [unpriceable(file, [...path, 'once_per'], `${on} names no ${oncePer}`, 'leave once_per out, or use another')];
}

function unpriceable(file: string, path: FieldPath, message: string, hint?: string): Finding {
  return { file, path, code: 'unpriceable', message, ...(hint === undefined ? {} : { hint }) };
}
