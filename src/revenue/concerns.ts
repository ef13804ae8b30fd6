import type { ContractTerms } from './terms.ts';

/** Whether any terms look at this type of event. A disbursal is kept in mind for what follows, whatever the terms are now. */
export function concerns(contracts: readonly ContractTerms[], type: string): boolean {
  const asNamed = type === 'click.recorded' ? 'click' : type;
  return (
    type === 'loan.disbursed' ||
    contracts.some(({ rules, clawback }) => [...rules, ...clawback].some(({ on }) => on === asNamed))
  );
}
