import type { Application } from '../../applications/model.ts';
import type { Onward } from '../../registry/schema/onward.ts';

/** What an applicant holds in hand, as far as an address depends on it. */
export type Device = 'android' | 'ios' | 'other';

/** How an applicant goes on at the lender. */
export interface WayOnward {
  /** `handoff` = an address is asked for when it is tapped. */
  readonly to: 'handoff' | string;
  /** Where the first does not work; null = there is no other. */
  readonly fallback: string | null;
  readonly isAutomatic: boolean;
}

const SUBMITTED: ReadonlySet<string> = new Set(['submitted', 'verifying', 'needs_input', 'in_review']);

/** The way onward that a product offers now; undefined when it offers none, or not at this point. */
export function wayOnward(
  onward: Onward | undefined,
  application: Pick<Application, 'id' | 'click_id' | 'status'>,
  device: Device,
): WayOnward | undefined {
  if (onward === undefined) return undefined;
  const { status } = application;
  const isTime = status === 'credit_granted' || (onward.after === 'submitted' && SUBMITTED.has(status));
  if (!isTime) return undefined;
  const { h5, android, ios } = onward;
  const app = device === 'android' ? android : device === 'ios' ? ios : undefined;
  const addresses = [app, h5].flatMap((url) => (url === undefined ? [] : [filledIn(url, application)]));
  const [to, fallback = null] = onward.handoff ? ['handoff', ...addresses] : addresses;
  return to === undefined ? undefined : { to, fallback, isAutomatic: onward.automatic };
}

export function deviceOf(userAgent: string): Device {
  if (/iPhone|iPad|iPod/.test(userAgent)) return 'ios';
  return /Android/.test(userAgent) ? 'android' : 'other';
}

/** Ids of ours only: they say nothing of the person to whoever sees the address. */
function filledIn(url: string, { id, click_id: clickId }: Pick<Application, 'id' | 'click_id'>): string {
  return url
    .replaceAll('{application_id}', encodeURIComponent(id))
    .replaceAll('{click_id}', encodeURIComponent(clickId ?? ''));
}
