import { createPrivateKey, createPublicKey, sign as cryptoSign, hash } from 'node:crypto';
import type { CompactJwsSigner } from '../../src/revenue/sign-statement.ts';
import type { ContractTerms } from '../../src/revenue/terms.ts';

import { firstContracts } from './contracts.ts';
import type { WantedPayment } from './doing.ts';
import { EventLog } from './event-log.ts';
import { Invariants } from './invariants.ts';
import { type OwnRedis, startOwnRedis } from './own-redis.ts';
import { type PlainVersion, termsOf } from './plain-terms.ts';
import { SimClock } from './sim-clock.ts';
import { SimProcess } from './sim-process.ts';

const PROCESSES = 3;
const BEGIN = '2026-01-08T04:00:00.000Z';

/** Everything that one seed plays with. */
export interface World {
  readonly redis: OwnRedis;
  readonly clock: SimClock;
  readonly processes: readonly SimProcess[];
  readonly log: EventLog;
  /** Of each counterparty all versions of all contracts; steps add to them. */
  readonly contracts: ReadonlyMap<string, PlainVersion[]>;
  readonly partners: readonly string[];
  readonly invariants: ReadonlyMap<string, Invariants>;
  /** Payments that somebody has asked for, booked or not. */
  readonly payments: { readonly partnerId: string; readonly wanted: WantedPayment }[];
  /** Adjustments that somebody has asked for, by reference. */
  adjustments: number;
  termsOf(partnerId: string): readonly ContractTerms[];
  close(): Promise<void>;
}

export async function openWorld(seed: string): Promise<World> {
  const redis = await startOwnRedis();
  const clock = new SimClock(BEGIN);
  const contracts = firstContracts();
  const partners = [...contracts.keys()];
  const { sign, jwks } = signerOf(seed);
  const known = new Map<PlainVersion, ContractTerms>();
  const contractsOf = (partnerId: string): readonly ContractTerms[] =>
    (contracts.get(partnerId) ?? []).map((version) => {
      const terms = known.get(version) ?? termsOf(version);
      known.set(version, terms);
      return terms;
    });
  const around = { redis, clock, sign, contractsOf, partners: () => partners };
  const processes: SimProcess[] = [];
  for (let at = 0; at < PROCESSES; at += 1) processes.push(await SimProcess.start(`p${at}`, around));
  return {
    redis,
    clock,
    processes,
    log: new EventLog(seed),
    contracts,
    partners,
    invariants: new Map(partners.map((id) => [id, new Invariants(redis, id, contracts.get(id) ?? [], jwks)])),
    payments: [],
    adjustments: 0,
    termsOf: contractsOf,
    async close() {
      for (const process of processes) await process.stop();
      await redis.close();
    },
  };
}

/** PKCS #8 of an Ed25519 key before its 32 bytes (RFC 8410 §7). */
const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** A key that follows from the seed: signatures are part of the end state. */
function signerOf(seed: string): { sign: CompactJwsSigner; jwks: { keys: object[] } } {
  const secret = Buffer.from(hash('sha256', `key of ${seed}`, 'hex'), 'hex');
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_ED25519, secret]), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(key).export({ format: 'jwk' });
  const sign = (payload: Uint8Array): string => {
    const header = Buffer.from('{"alg":"EdDSA","kid":"ours"}').toString('base64url');
    const input = `${header}.${Buffer.from(payload).toString('base64url')}`;
    return `${input}.${cryptoSign(null, Buffer.from(input), key).toString('base64url')}`;
  };
  return { sign, jwks: { keys: [{ ...publicKey, kid: 'ours' }] } };
}
