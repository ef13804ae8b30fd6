import type { Admission, AdmissionRequest, Admissions } from '../../src/limits/admission.ts';
import type { Spending } from '../../src/limits/probe-budget.ts';
import type { RedisClient } from '../../src/redis/connection.ts';
import type { Keyspace } from '../../src/redis/keyspace.ts';
import { defineScript } from '../../src/redis/script.ts';
import { replayKeyMaterial } from '../../src/trust/replay-key.ts';

/** Stand-ins for the modules that `without-limits.ts` leaves out of a gateway: they remember nonces, and nothing else. */

const remember = defineScript<'nonce', number>({
  file: new URL('./floor-remember.lua', import.meta.url),
  keys: ['nonce'],
  reply: Number,
});

const ADMITTED: Admission = { kind: 'admitted', remaining: 1, fullInSeconds: 1 };
const REPLAYED: Admission = { kind: 'replayed' };

export function createAdmissions(client: RedisClient, keys: Keyspace): Admissions {
  return {
    async admit({ partyId, keyId, nonce, nonceSeconds }: AdmissionRequest) {
      const name = keys.partner(partyId, 'nonce', replayKeyMaterial(keyId, nonce));
      return (await remember.run(client, { nonce: name }, [nonceSeconds])) === 1 ? ADMITTED : REPLAYED;
    },
  };
}

export class GuardedAdmissions implements Admissions {
  readonly admit: Admissions['admit'];

  constructor(admissions: Admissions) {
    this.admit = admissions.admit;
  }
}

const PAID: Promise<Spending> = Promise.resolve({ ok: true, remaining: 1 });

export class ProbeBudget {
  spend(): Promise<Spending> {
    return PAID;
  }
}

const NONE: ReadonlySet<never> = new Set();

export class PlaceStore {
  full(): ReadonlySet<never> {
    return NONE;
  }

  async take(): Promise<undefined> {}

  async giveBack(): Promise<void> {}
}

export class Perimeter {
  addressOf(): string {
    return '';
  }

  assertOpen(): void {}

  failed(): void {}

  succeeded(): void {}
}

export function tellLimits(): void {}

export function tellBudget(): void {}

export function limitedBy(): Error {
  return new Error('nothing is limited here');
}

export function violatedPolicies(): readonly string[] {
  return [];
}
