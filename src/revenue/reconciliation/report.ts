import type { Category, Explanation } from './matching/reconciled-row.ts';
import type { ColumnRole, RefKind } from './reading/guess-columns.ts';

/** Sums of some rows; minor units of the statement's currency. */
export interface ReportSums {
  readonly count: number;
  readonly ours: number;
  readonly theirs: number;
  /** Theirs − ours. */
  readonly difference: number;
}

/** What a reconciliation found, as it is stored and shown; its rows lie beside it. */
export interface ReconciliationReport {
  /** `rec_…`; the same file read in the same way against the same revision has the same. */
  readonly id: string;
  readonly statement_id: string;
  readonly contract: string;
  readonly period: string;
  readonly revision: number;
  readonly currency: string;
  readonly created_at: string;
  /** When its rows are removed. */
  readonly expires_at: string;
  readonly file_sha256: string;
  readonly file: {
    readonly bytes: number;
    readonly format: 'csv' | 'xlsx';
    readonly encoding: string | null;
    readonly delimiter: string | null;
    readonly sheet: string | null;
    readonly decimal: '.' | ',';
    readonly date_order: 'dmy' | 'mdy' | null;
    /** Rows that were compared. */
    readonly rows: number;
    readonly skipped: { readonly empty: number; readonly headings: number; readonly totals: number };
    /** Totals that the file states, with the sum of the rows above them. */
    readonly stated_totals: readonly { readonly line: number; readonly amount: number | null; readonly rows: number }[];
  };
  readonly mapping: {
    /** Named in the request, kept from the last file, or told by the headers. */
    readonly source: 'given' | 'remembered' | 'guessed';
    readonly ref_kind: RefKind;
    readonly columns: Readonly<Record<ColumnRole, string | null>>;
    readonly header_line: number;
  };
  readonly options: {
    readonly tolerance: number;
    readonly date_window_days: number;
    readonly group_by: 'ref' | null;
    readonly totals: boolean;
    readonly dates: 'payable_at' | 'occurred_at';
  };
  readonly totals: { readonly ours: number; readonly theirs: number; readonly difference: number };
  readonly categories: Readonly<Record<Category, ReportSums>>;
  readonly explanations: Readonly<Partial<Record<Explanation, ReportSums>>>;
  /** Theirs in other currencies; they count 0 above. */
  readonly other_currencies: readonly { readonly currency: string; readonly count: number; readonly theirs: number }[];
  /** Whether there is nothing to look at: every row is matched. */
  readonly equal: boolean;
  /** What would make it easier to read. */
  readonly notes: readonly ReportNote[];
}

/** `group_by_ref`: sums per reference agree for so many references whose rows do not. `proposals_left_out`: too many rows. */
export interface ReportNote {
  readonly code: 'group_by_ref' | 'proposals_left_out' | 'stated_total_differs';
  readonly count: number;
}
