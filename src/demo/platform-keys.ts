import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Registry } from '../registry/registry.ts';
import { importSigningKey, type KeySpec, type SigningKey } from '../trust/import-key.ts';
import type { PlatformId } from './cast-errands.ts';
import { DemoFault } from './demo-fault.ts';

const privateJwkSchema = z.object({ kty: z.string(), crv: z.string(), x: z.string(), d: z.string() });

/**
 * What each platform of the demo signs with: Acme the private key that is published beside its profile for the sandbox,
 * Summit the secret that it shares with us.
 * @throws DemoFault when a key is missing or unreadable
 */
export async function readPlatformKeys(
  partnersDir: string,
  registry: Registry,
): Promise<Record<PlatformId, SigningKey>> {
  const file = join(partnersDir, 'traffic', 'acme', 'sandbox-key.json');
  const text = await readFile(file, 'utf8').catch(() => {
    throw new DemoFault(`the demo signs as acme with ${file}, which is not there`);
  });
  const jwk = privateJwkSchema.parse(JSON.parse(text));
  return {
    acme: imported({ id: specOf(registry, 'acme', 'ed25519').id, alg: 'ed25519', jwk }),
    summit: imported(specOf(registry, 'summit', 'hmac-sha256')),
  };
}

function specOf(registry: Registry, partnerId: PlatformId, alg: KeySpec['alg']): KeySpec {
  for (const { party, spec } of registry.keys.values()) {
    if (party.kind === 'traffic' && party.id === partnerId && spec.alg === alg) return spec;
  }
  throw new DemoFault(`the demo needs a key of ${partnerId} with alg ${alg} in its partner.yaml`);
}

function imported(spec: KeySpec): SigningKey {
  const read = importSigningKey(spec);
  if (read.ok) return read.key;
  throw new DemoFault(read.detail);
}
