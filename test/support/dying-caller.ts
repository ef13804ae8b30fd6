import { ApplicationStore } from '../../src/applications/store.ts';
import type { IntakeDeps } from '../../src/intake/intake-deps.ts';
import { PlaceStore } from '../../src/limits/place-store.ts';
import { ClaimStore } from '../../src/screening/claim-store.ts';
import type { TestRedis } from './redis.ts';

/** What every further write fails with once the caller is dead. */
export const KILLED_HERE = 'killed here';

/** Lets `steps` writes through, then fails every further one: a caller that dies between two steps of the intake. */
export function dyingAfter(
  steps: number,
  { deps, redis }: { readonly deps: IntakeDeps; readonly redis: Pick<TestRedis, 'client' | 'keys'> },
): IntakeDeps {
  let left = steps;
  const guard = <T extends object>(target: T, methods: readonly string[]): T =>
    new Proxy(target, {
      get(object, name) {
        const value = Reflect.get(object, name, object);
        if (typeof value !== 'function') return value;
        const bound = value.bind(object);
        if (!methods.includes(String(name))) return bound;
        return async (...args: unknown[]) => {
          if (left <= 0) throw new Error(KILLED_HERE);
          left -= 1;
          return bound(...args);
        };
      },
    });
  return {
    ...deps,
    store: guard(new ApplicationStore(redis.client, redis.keys, deps.clock), ['create', 'change']),
    claims: guard(new ClaimStore(redis.client, redis.keys), ['take', 'release']),
    quotas: { ...deps.quotas, places: guard(new PlaceStore(redis.client, redis.keys), ['take', 'giveBack']) },
  };
}
