import { createDoor, type Door } from '../../http/app.ts';
import { registerDocs } from './docs.ts';
import { registerGuide } from './guide.ts';
import { registerHealth } from './health.ts';
import { registerJwks } from './jwks.ts';
import { registerOpenapiFiles } from './openapi-files.ts';
import { registerProblemsPage } from './problems-page.ts';
import type { WellknownDeps } from './wellknown-deps.ts';

/** What everybody may ask: health, keys, documentation. Also answers for paths that no other door has. */
export function createWellknownDoor(deps: WellknownDeps): Door {
  const door = createDoor({ name: 'wellknown', quiet: true }, deps);
  registerHealth(door, deps);
  registerJwks(door, deps);
  registerOpenapiFiles(door);
  registerProblemsPage(door);
  registerGuide(door);
  registerDocs(door);
  return door;
}
