import type { DoorDeps } from '../../http/app.ts';
import type { OurKey } from '../../trust/our-keys.ts';
import type { ReadinessDeps } from './readiness.ts';

export interface WellknownDeps extends DoorDeps, ReadinessDeps {
  /** Those in use first, retired ones while their signatures are checked. */
  readonly ourKeys: readonly OurKey[];
}
