import type { ApplicationStore } from '../applications/store.ts';
import type { Clock } from '../base/clock.ts';
import type { Sealer } from '../identity/seal.ts';
import type { Tokenizer } from '../identity/token.ts';
import type { Quotas } from '../limits/quotas.ts';
import type { Registry } from '../registry/registry.ts';
import type { ClaimStore } from '../screening/claim-store.ts';
import type { LiveAsker } from '../screening/live/live-prechecks.ts';

/** What every use-case of the intake works with. */
export interface IntakeDeps {
  readonly registry: () => Registry;
  readonly store: ApplicationStore;
  readonly claims: ClaimStore;
  readonly quotas: Quotas;
  /** Asks lenders at their cores. */
  readonly live: LiveAsker;
  readonly tokenizer: Tokenizer;
  readonly sealer: Sealer;
  /** Secret under which request fingerprints are made: they cover identities, so a plain hash could be guessed. */
  readonly fingerprintKey: Uint8Array;
  readonly clock: Clock;
}

/** A fault in what was sent, for a 422 with pointers. */
export interface InputFault {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
}
