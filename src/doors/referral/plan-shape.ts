import type { QuotableProduct } from '../../applications/quote/quote.ts';
import type { Language } from '../../http/accept-language.ts';
import type { FieldCheck, FieldFault } from './check-field.ts';
import type { EstimateTexts } from './estimate.ts';

/** What the form's script works with; the page carries it as JSON. Nothing of the person. */
export interface PagePlan {
  readonly language: Language;
  /** Every input but agreements and code, in the order of the form. Options of a choice are those of its select. */
  readonly fields: readonly { readonly name: string; readonly check: FieldCheck }[];
  /** Sentences of faults, limits filled in. */
  readonly faults: Readonly<Record<FieldFault | 'consentNeeded', string>>;
  readonly words: Readonly<
    Record<'fixOne' | 'fixMany' | 'colon' | 'waiting' | 'unreachable' | 'agreements' | 'amountSlider', string>
  >;
  /** What an estimate is computed from; null where the lender computes quotes itself. */
  readonly estimate: {
    readonly product: QuotableProduct;
    readonly startOn: string;
    readonly texts: EstimateTexts;
  } | null;
}
