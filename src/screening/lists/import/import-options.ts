import type { Contributor, CustomerStatus, ListKind, ListName, ListReason, ListScope } from '../entry.ts';
import type { RowForm } from './identify-row.ts';

/** What all rows of an import have in common, and how it is run. */
export interface ImportOptions {
  readonly list: ListName;
  readonly scope: ListScope;
  readonly kind: ListKind;
  readonly form: RowForm;
  readonly reason: ListReason;
  readonly status: CustomerStatus | null;
  /** Last day of rows that name none, `YYYY-MM-DD`; null = as long as the kind may live. */
  readonly expiresOn: string | null;
  readonly contributor: Contributor;
  readonly rejectedPath: string;
  /** Begins anew although an earlier run has come somewhere. */
  readonly restart: boolean;
}
