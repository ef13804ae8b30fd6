import type { Requested } from '../applications/model.ts';

/** An application as it arrives, whoever brings it: the words of the contract's request body. */
export interface ApplicationInput {
  readonly partner_ref: string;
  readonly partner_user_ref?: string | null;
  readonly product_id: string;
  readonly precheck_id?: string | null;
  readonly click_id?: string | null;
  readonly handoff_id?: string | null;
  readonly requested: Requested;
  readonly applicant: Readonly<Record<string, unknown>>;
  readonly device?: Readonly<Record<string, unknown>> | null;
  readonly documents?: readonly Readonly<Record<string, unknown>>[];
  readonly verifications?: readonly Readonly<Record<string, unknown>>[];
  readonly consents?: readonly Readonly<Record<string, unknown>>[];
  readonly sub_ids?: Readonly<Record<string, string>>;
  readonly return_url?: string | null;
}
