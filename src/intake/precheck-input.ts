import type { NormalisedSubject } from '../identity/normalise-subject.ts';
import type { RegisteredProduct } from '../registry/registry.ts';

/** One question: may this subject apply for these products? */
export interface PrecheckInput {
  readonly products: readonly RegisteredProduct[];
  readonly subject: NormalisedSubject;
  readonly reserve: boolean;
  /** GB/T 2260 code of a stated residence. */
  readonly residenceRegion?: string | undefined;
  /** What is stated beside identity, as the field catalogue names it. */
  readonly stated?: Readonly<Record<string, unknown>> | undefined;
  /** Monotonic ms by which lenders that are asked live must have answered; absent = each has its own time. */
  readonly liveUntilMs?: number;
}
