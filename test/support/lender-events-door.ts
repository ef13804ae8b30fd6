import { inertDeps } from '../../src/commands/inert-deps.ts';
import type { LenderDeps } from '../../src/doors/lender/lender-deps.ts';
import { createLenderDoor } from '../../src/doors/lender/lender-door.ts';
import { createAdmissions } from '../../src/limits/admission.ts';
import type { Lender } from '../../src/registry/schema/lender.ts';
import { verificationKeyOf } from '../../src/trust/import-key.ts';
import { fetchSigned, freshKey, openDoor } from './open-door.ts';
import type { TestRedis } from './redis.ts';

export interface LenderEventsDoor {
  /** Sends a request that this lender signs. */
  ask(lenderId: string, path: string, body?: unknown): ReturnType<typeof fetchSigned>;
  close(): Promise<void>;
}

/** A lender door with the parts that are given; what is left out may not be used. */
export async function openLenderEventsDoor(
  redis: TestRedis,
  lenders: readonly Lender[],
  parts: Partial<LenderDeps>,
): Promise<LenderEventsDoor> {
  const owners = lenders.map((party) => ({ party, key: freshKey(`${party.id}-ed`) }));
  const find = (keyId: string) => {
    const owner = owners.find(({ key }) => key.id === keyId);
    return owner && { key: verificationKeyOf(owner.key), party: owner.party };
  };
  const signed = { keys: { find }, admissions: createAdmissions(redis.client, redis.keys) };
  const inert = inertDeps<LenderDeps>();
  const door = await openDoor(
    (base) => {
      const deps = new Proxy(inert, {
        get: (target, name) => Reflect.get({ ...base, signed, ...parts }, name) ?? Reflect.get(target, name),
      });
      return createLenderDoor(deps);
    },
    ['lender'],
  );
  return {
    async ask(lenderId, path, body) {
      const owner = owners.find(({ party }) => party.id === lenderId);
      if (!owner) throw new Error(`no lender ${lenderId}`);
      return fetchSigned(`${door.origin}/lender/v1${path}`, owner.key, body);
    },
    close: () => door.close(),
  };
}
