import type { Funder } from './schema/funder.ts';
import type { Lender } from './schema/lender.ts';
import type { Operator } from './schema/operator.ts';
import type { TrafficPartner } from './schema/traffic-partner.ts';

/** One file that satisfies its schema. */
export interface Entry<T> {
  /** Relative path, for messages. */
  file: string;
  /** Name of the folder it lies in. */
  folder: string;
  value: T;
}

export type Environment = 'sandbox' | 'live';
export type PartyKind = 'traffic' | 'lender' | 'funder';

/** All counterparty files, before they are known to fit together. */
export interface CounterpartySet {
  traffic: readonly Entry<TrafficPartner>[];
  lenders: readonly Entry<Lender>[];
  funders: readonly Entry<Funder>[];
  operator: Entry<Operator>;
  /** Kinds of which a file is missing here because it has faults of its own: references to them are not judged. */
  incomplete: ReadonlySet<PartyKind | 'operator'>;
}

export interface SetOptions {
  environment: Environment;
  /** Environment variables, for `secret_env`. */
  variables: Readonly<Record<string, string | undefined>>;
  /** Authorities of the public origins, for a link's `host`; absent = any is believed. */
  publicHosts?: readonly string[] | undefined;
  /** Whether an absent secret variable is an error (else a warning). */
  requireSecrets: boolean;
  /** Fingerprints of terms that have priced a commission, by `<party>/<terms id>`: those may not change. */
  pricedTerms?: ReadonlyMap<string, string>;
  /** Fingerprints of the terms in these files, same keys. */
  termsFingerprints?: ReadonlyMap<string, string>;
}

/** Ids that references may name. */
export interface KnownIds {
  products: ReadonlySet<string>;
  lenders: ReadonlySet<string>;
  funders: ReadonlySet<string>;
  payers: ReadonlySet<string>;
}
