import type { DoorDeps } from '../../http/app.ts';
import type { OurKeysRing } from '../../trust/our-keys-ring.ts';
import type { ReadinessDeps } from './readiness.ts';

export interface WellknownDeps extends DoorDeps, ReadinessDeps {
  readonly ourKeys: Pick<OurKeysRing, 'current' | 'published'>;
}
