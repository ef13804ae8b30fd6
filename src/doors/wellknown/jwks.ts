import type { Door } from '../../http/app.ts';
import { publicKeySet } from '../../trust/our-keys.ts';
import { pageRoute } from './page-route.ts';
import type { WellknownDeps } from './wellknown-deps.ts';

/** Short enough for a rotation to be seen the same hour, long enough to spare a request for each signature. */
const CACHE_CONTROL = 'public, max-age=600';

/** Our public keys (RFC 7517): those that sign responses, pushes, webhooks and statements. */
export function registerJwks(door: Door, deps: WellknownDeps): void {
  door.openapi(pageRoute('/.well-known/jwks.json'), (c) =>
    c.body(JSON.stringify(publicKeySet(deps.ourKeys)), 200, {
      'Content-Type': 'application/jwk-set+json',
      'Cache-Control': CACHE_CONTROL,
    }),
  );
}
