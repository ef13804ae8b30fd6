import type { Clock } from '../../base/clock.ts';
import type { Click } from '../clicks/click.ts';
import type { AwayClickIds } from './away-click-id.ts';

/** Whose a link is, and what it leads to. */
export interface LinkOwner {
  readonly partner_id: string;
  readonly product_id: string;
  readonly lender_id: string | null;
}

export interface CarriedClicksSettings {
  readonly ids: AwayClickIds;
  readonly ownerOf: (linkCode: string) => LinkOwner | undefined | Promise<LinkOwner | undefined>;
  readonly clock: Clock;
  /** How long clicks are kept: an id says nothing any more once its click would be gone. */
  readonly lifetimeMs: number;
}

/**
 * Reads clicks out of the ids that carry them: before they have been replayed, and when their spool is lost. Undefined for
 * an id that we have not minted, whose link is gone, or that is too old.
 */
export function createCarriedClicks({ ids, ownerOf, clock, lifetimeMs }: CarriedClicksSettings) {
  return async (clickId: string): Promise<Click | undefined> => {
    const minted = ids.read(clickId);
    if (minted === undefined || clock.nowMs() - minted.atMs > lifetimeMs) return undefined;
    const owner = await ownerOf(minted.linkCode);
    if (owner === undefined) return undefined;
    return {
      id: clickId,
      link_code: minted.linkCode,
      ...owner,
      // Nobody's pseudonym and no address: those are in the spool only.
      visitor: '',
      ip: '',
      bot: minted.bot,
      speculative: minted.speculative,
      dc: minted.dataCentre,
      cause: minted.cause,
      entry: null,
      sub_ids: minted.subIds,
      at_ms: minted.atMs,
    };
  };
}
