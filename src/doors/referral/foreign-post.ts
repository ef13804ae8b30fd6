import type { PublicNames } from '../../trust/public-names.ts';

/** What a browser says about where a request comes from; absent where it says nothing. */
export interface PostOrigin {
  readonly fetchSite: string | undefined;
  readonly origin: string | undefined;
  /** Host that was asked. */
  readonly host: string | undefined;
}

/**
 * Whether a post comes from a page that is not ours. `Sec-Fetch-Site` (Fetch Metadata) cannot be set by a page, so it
 * decides where there is one; else `Origin`. Browsers that say neither are left to the sealed form; `null` is what our own
 * pages send as well, since they send no referrer (Fetch §3.2).
 */
export function isForeignPost({ fetchSite, origin, host }: PostOrigin, ours: PublicNames): boolean {
  if (fetchSite !== undefined) return fetchSite !== 'same-origin' && fetchSite !== 'none';
  if (origin === undefined || origin === 'null') return false;
  const from = URL.canParse(origin) ? new URL(origin).host : '';
  return from !== host?.toLowerCase() && ours.find(from) === undefined;
}
