import type { Door } from '../../http/app.ts';
import { publicKeySet } from '../../trust/our-keys.ts';
import { KEY_SET_MAX_AGE_SECONDS } from '../../trust/our-keys-generations.ts';
import { pageRoute } from './page-route.ts';
import type { WellknownDeps } from './wellknown-deps.ts';

/** A new key is published for longer than this before it signs. */
const CACHE_CONTROL = `public, max-age=${KEY_SET_MAX_AGE_SECONDS}`;

/**
 * Our public keys (RFC 7517): those that sign responses, pushes, webhooks and statements, the next one before it signs, and
 * for ever those that did, since a statement may be verified years later.
 */
export function registerJwks(door: Door, deps: WellknownDeps): void {
  door.openapi(pageRoute('/.well-known/jwks.json'), (c) =>
    c.body(JSON.stringify(publicKeySet(deps.ourKeys.published())), 200, {
      'Content-Type': 'application/jwk-set+json',
      'Cache-Control': CACHE_CONTROL,
    }),
  );
}
