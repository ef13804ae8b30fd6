import type { DocumentRecords } from '../applications/documents/document-records.ts';
import type { LenderCalls } from '../applications/push/lender-calls.ts';
import type { QuoteStore } from '../applications/quote/quote-store.ts';
import type { ApplicationStore } from '../applications/store.ts';
import type { VerificationProvider } from '../applications/verification/verification-provider.ts';
import type { LinkStore } from '../attribution/link-store.ts';
import type { Clock } from '../base/clock.ts';
import type { PausePort } from '../catalogue/pause-port.ts';
import type { Sealer } from '../identity/seal.ts';
import type { Tokenizer } from '../identity/token.ts';
import type { Quotas } from '../limits/quotas.ts';
import type { Registry } from '../registry/registry.ts';
import type { ClaimStore } from '../screening/claim-store.ts';
import type { DeviceCounts } from '../screening/device-counts.ts';
import type { HitStore } from '../screening/lists/hits/hit-store.ts';
import type { ListStore } from '../screening/lists/list-store.ts';
import type { LiveAsker } from '../screening/live/live-prechecks.ts';
import type { MaskedPeople } from '../screening/masked-people.ts';
import type { ProbeNotes } from '../screening/probe-watch/probe-watch.ts';
import type { TouchSources } from './gather-touches.ts';

/** What every use-case of the intake works with. */
export interface IntakeDeps extends TouchSources {
  readonly registry: () => Registry;
  readonly store: ApplicationStore;
  /** Photos and files of applicants, without their bytes. */
  readonly documents: DocumentRecords;
  /** Quotes that drawdowns may cite. */
  readonly quotes: QuoteStore;
  readonly claims: ClaimStore;
  readonly quotas: Quotas;
  /** Links, whose caps applications count under. */
  readonly links: LinkStore;
  /** What of a product is stopped now. */
  readonly pauses: PausePort;
  /** The shared lists, and which of their entries had a part in what. */
  readonly lists: ListStore;
  readonly listHits: Pick<HitStore, 'record'>;
  /** Whom masked identities mean, and who shares a device. */
  readonly maskedPeople: MaskedPeople;
  readonly devices: DeviceCounts;
  /** Asks lenders at their cores. */
  readonly live: LiveAsker;
  /** Watches what partners ask. */
  readonly probeWatch: ProbeNotes;
  readonly tokenizer: Tokenizer;
  readonly sealer: Sealer;
  /** Secret under which request fingerprints are made: they cover identities, so a plain hash could be guessed. */
  readonly fingerprintKey: Uint8Array;
  /** The way to lenders' cores while a caller waits. */
  readonly calls: LenderCalls;
  /** Where people are checked by us; absent = nowhere, so that whoever brings an applicant brings the results. */
  readonly verifier?: VerificationProvider;
  /** Business time. */
  readonly clock: Clock;
  /** Real time: when the outbox sends. */
  readonly realClock: Clock;
}

/** A fault in what was sent, for a 422 with pointers. */
export interface InputFault {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
  /** What is not there, where something is missing: `employment.employer`, `documents.id_front`, `consents.credit_inquiry`. */
  readonly missing?: string;
}
