/** What a fault in pricing is about; stable, shown to operators beside a parked event. */
export type PricingFaultCode =
  | 'terms_unsupported'
  | 'terms_unknown'
  | 'terms_changed'
  | 'base_unavailable'
  | 'once_per_unavailable'
  | 'term_unavailable'
  | 'currency_mismatch';

/**
 * Thrown when an event cannot be priced exactly as its terms say. Pricing never guesses: the event is parked with this
 * message until the terms or the event are put right.
 */
export class UnsupportedTerms extends Error {
  readonly code: PricingFaultCode;
  readonly termsId: string;
  readonly rule: string | null;

  constructor(code: PricingFaultCode, termsId: string, rule: string | null, problem: string) {
    super(`terms ${termsId}${rule === null ? '' : `, rule ${rule}`}: ${problem}`);
    this.name = 'UnsupportedTerms';
    this.code = code;
    this.termsId = termsId;
    this.rule = rule;
  }
}
