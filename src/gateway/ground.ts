import type { Clock } from '../base/clock.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { Config } from '../config.ts';
import type { RegistrySource } from '../registry/watch-registry.ts';
import type { OurKeysRing } from '../trust/our-keys-ring.ts';
import type { OpenRedis } from './open-redis.ts';
import type { Secrets } from './secrets.ts';

/** What everything in a gateway stands on. */
export interface Ground {
  readonly config: Config;
  readonly redis: OpenRedis;
  readonly registry: RegistrySource;
  readonly secrets: Secrets;
  /** What we sign with; everything that signs asks it each time. */
  readonly ourKeys: OurKeysRing;
  readonly clock: Clock;
  /** Products as they are now, with what is paused of them. */
  readonly catalogue: Catalogue;
  readonly failed: (where: string) => (error: unknown) => void;
}
