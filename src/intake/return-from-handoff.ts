import { backPlace, type StoredHandoff, type WayBackTo } from '../attribution/handoffs/handoff.ts';
import { isId } from '../base/ids.ts';
import { isMacOf, macOf, signAddress } from '../trust/sign-address.ts';
import { returnFault } from './make-handoff.ts';
import type { RedeemDeps } from './redeem-handoff.ts';

export interface ReturnDeps extends RedeemDeps {
  /** Proves that an id in our own address was put there by us. */
  readonly returnKey: Uint8Array;
  /** Secret that a partner shares with us for callbacks; undefined = none is set. */
  readonly callbackSecretOf: (partnerId: string) => Uint8Array | undefined;
  /** Real time: the partner's clock is. */
  readonly nowSeconds: () => number;
}

/** The last part of the address at which an applicant comes back from the lender. */
export function returnName(returnKey: Uint8Array, handoffId: string): string {
  return `${handoffId}.${macOf(returnKey, handoffId)}`;
}

/**
 * Where an applicant who comes back goes on to: the partner's own page, signed; undefined when there is no such hand-off, or it
 * was made longer ago than anybody stays on a page.
 */
export async function returnFromHandoff(deps: ReturnDeps, name: string): Promise<string | undefined> {
  const [id = '', mac = ''] = name.split('.');
  if (!isId('hnd', id) || !isMacOf(deps.returnKey, id, mac)) return undefined;
  const stored = await deps.handoffs.load(id);
  if (stored === undefined) return undefined;
  const { partner_id: partnerId, application_id: applicationId } = stored.handoff;
  const sealed = await deps.handoffs.back(id);
  if (sealed === undefined) return undefined;
  const access = { purpose: 'handoff_return', applicationId, actor: partnerId } as const;
  const opened = deps.sealer.openJson(sealed, backPlace(id), access);
  if (!opened.ok) return undefined;
  const { return_url: url, is_ours: isOurs } = opened.plain as WayBackTo;
  if (isOurs) return url;
  // The partner may have taken the address off its list meanwhile.
  const partner = deps.registry().traffic.get(partnerId);
  if (partner === undefined || returnFault(partner, url, deps.environment) !== null) return undefined;
  const address = new URL(url);
  address.searchParams.set('handoff', id);
  const secret = deps.callbackSecretOf(partnerId);
  // What could not be signed is not told: anybody could have written it.
  if (secret === undefined) return address.href;
  for (const [name, value] of await outcomeOf(deps, stored)) address.searchParams.set(name, value);
  return signAddress(address.href, secret, deps.nowSeconds());
}

/** What the partner may know of the application: which one it is and how it stands now, as long as it is the partner's. */
async function outcomeOf(deps: ReturnDeps, { handoff, appliedAs }: StoredHandoff): Promise<[string, string][]> {
  const id = appliedAs ?? handoff.application_id;
  const application = id === null ? undefined : (await deps.store.load(id))?.application;
  if (application?.owner_id !== handoff.partner_id || application.status === 'screening') return [];
  return [
    ['application_id', application.id],
    ['status', application.status],
  ];
}
