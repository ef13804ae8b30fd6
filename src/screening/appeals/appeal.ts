import type { Contributor, ListKind, ListName, ListReason, ListScope, ListToken } from '../lists/entry.ts';

export const APPEAL_CLAIMS = ['not_me', 'settled', 'wrong', 'identity_theft', 'phone_recycled', 'other'] as const;
/** What the person says. */
export type AppealClaim = (typeof APPEAL_CLAIMS)[number];

export const APPEAL_VERDICTS = ['withdraw', 'correct', 'uphold'] as const;
/** What a contributor says. */
export type AppealVerdict = (typeof APPEAL_VERDICTS)[number];

export const APPEAL_STATUSES = ['open', 'escalated', 'decided'] as const;
/** `open` waits for contributors; `escalated` as well, and operators see it; `decided` is the end. */
export type AppealStatus = (typeof APPEAL_STATUSES)[number];

/**
 * `cleared`: every entry is gone; `corrected`: some were changed or went; `upheld`: all stand as before; `no_entries`: there
 * was none that could have kept the person out.
 */
export type AppealOutcome = 'cleared' | 'corrected' | 'upheld' | 'no_entries';

/** Who took the appeal in. */
export type AppealOpener = 'operator' | `lender:${string}`;

/** An entry that an appeal is about, as it was when the appeal was opened; what it says now is read again. */
export interface AppealEntry {
  readonly id: string;
  readonly contributor: Contributor;
  readonly list: ListName;
  readonly scope: ListScope;
  readonly kind: ListKind;
  readonly reason: ListReason;
  /** The contributor's own reference; entries of one group are suspended and withdrawn together. */
  readonly group: string | null;
  readonly known_in_plain: boolean;
  readonly tokens: readonly ListToken[];
}

/** What is changed by the verdict `correct`: entries that go, and what the others say from now on. */
export interface AppealCorrection {
  readonly withdraw?: readonly string[] | undefined;
  readonly reason?: ListReason | undefined;
  readonly expires_on?: string | undefined;
  readonly note?: string | undefined;
  readonly basis?: { readonly kind: string; readonly ref: string } | undefined;
}

export interface AppealAnswer {
  /** `lapsed`: nothing was said in time, so its entries went; `withdrawn_before`: the contributor had taken them off itself. */
  readonly verdict: AppealVerdict | 'lapsed' | 'withdrawn_before';
  readonly reason: string | null;
  readonly correction: AppealCorrection | null;
  /** The contributor, or the operator who answered in its name. */
  readonly by: string;
  readonly at: string;
  /** Whether the lists say so already. */
  readonly applied: boolean;
}

/** An appeal as it is stored. Its person is known by tokens alone. */
export interface Appeal {
  readonly id: string;
  readonly opener: AppealOpener;
  readonly opened_by: string;
  readonly application_id: string | null;
  readonly claim: AppealClaim;
  readonly tokens: readonly ListToken[];
  readonly entries: readonly AppealEntry[];
  /** By contributor. */
  readonly answers: Readonly<Record<string, AppealAnswer>>;
  readonly status: AppealStatus;
  /** Whether the entries are suspended; false only between writing the appeal down and having done so. */
  readonly suspended: boolean;
  readonly opened_at: string;
  /** Until when contributors have time. */
  readonly due_by: string;
  /** When silence ends it. */
  readonly lapses_at: string;
  readonly escalated_at: string | null;
  readonly decided_at: string | null;
  readonly outcome: AppealOutcome | null;
  /** How many refused applications were told that the person may come again; null = that is still to be done. */
  readonly told: number | null;
}
