/** What a variant of the page changes; what it does not name stays as it is. Agreements, prices and checks are no variant's. */
export interface PageVariant {
  /** Instead of "Apply for …"; plain text in the page's language. */
  readonly headline?: string | undefined;
  /** A sentence under the heading. */
  readonly note?: string | undefined;
  /** Words of the button that sends the code. */
  readonly button?: string | undefined;
  /** Put into the form until something is typed: minor units; ignored where the product does not offer it. */
  readonly default_amount?: number | undefined;
  /** One of the product's terms, in its unit. */
  readonly default_term?: number | undefined;
}

/** The page as it is. */
export const NO_VARIANT: PageVariant = Object.freeze({});
