import { applicationBody } from '../../src/applications/push/delivery-body.ts';
import { derivedId } from '../../src/base/ids.ts';
import { createKeyspace, type Keyspace } from '../../src/redis/keyspace.ts';
import { type ClockMover, createClockMover } from '../../src/sandbox/advance-clock.ts';
import type { StateLine } from '../../src/sandbox/core/read-states.ts';
import { createSandboxClock, type SandboxClock } from '../../src/sandbox/sandbox-clock.ts';
import { type SandboxLenders, startSandboxLenders } from '../../src/sandbox/sandbox-lender.ts';
import { deriveOurKey, publicKeySet } from '../../src/trust/our-keys.ts';
import { signRequest } from '../../src/trust/sign-message.ts';
import { type EventsDoor, startEventsDoor } from './fake-events-door.ts';
import type { TestRedis } from './redis.ts';
import { sampleApplication, sampleLoan } from './sample-application.ts';
import { sampleLender } from './sample-lender.ts';

export const SANDBOX_SECRET = 'a root secret of the test';
export const SANDBOX_LENDER = 'quickcredit';
const ourKey = deriveOurKey(SANDBOX_SECRET);

export interface CoreAnswer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the core answers
  readonly body: any;
}

/** A sandbox lender with a gateway's door in front of it, on a clock that a test moves. */
export class SandboxRig {
  readonly keys: Keyspace;
  readonly clock: SandboxClock;
  readonly door: EventsDoor;
  readonly sandbox: SandboxLenders;
  readonly mover: ClockMover;
  readonly rejected: string[];
  /** The same lenders once more, as after a restart. */
  readonly another: () => Promise<SandboxLenders>;
  readonly #name: string;
  #deliveries = 0;

  constructor(parts: Pick<SandboxRig, 'keys' | 'clock' | 'door' | 'sandbox' | 'rejected' | 'another'>, name: string) {
    this.keys = parts.keys;
    this.clock = parts.clock;
    this.door = parts.door;
    this.sandbox = parts.sandbox;
    this.rejected = parts.rejected;
    this.another = parts.another;
    this.#name = name;
    this.mover = createClockMover({ clock: this.clock, sources: [this.sandbox.due], settle: async () => undefined });
  }

  application(reference: string) {
    return sampleApplication(`${this.#name}-${reference}`);
  }

  loanId(reference: string, loan = 'L'): string {
    return sampleLoan(this.application(reference).id, loan).id;
  }

  /** Types of the events posted so far. */
  types(): string[] {
    return this.door.events.map((event) => event.type);
  }

  async advance(ms: number): Promise<void> {
    await this.mover.advanceTo(this.clock.nowMs() + ms);
  }

  /** Sends what the gateway would send, signed by `key`. */
  async send(
    path: string,
    body: Record<string, unknown>,
    key = ourKey.signingKey,
    lenderId = SANDBOX_LENDER,
  ): Promise<CoreAnswer> {
    const url = `${this.sandbox.coreUrl(lenderId)}${path}`;
    const text = JSON.stringify(body);
    const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': String(body.delivery_id) };
    const signature = signRequest({ method: 'POST', url, headers, body: text, key, createdSeconds: Date.now() / 1000 });
    const response = await fetch(url, { method: 'POST', headers: { ...headers, ...signature }, body: text });
    return { status: response.status, body: await response.json() };
  }

  /** A message about an application, under a delivery id of its own unless one is given. */
  async tell(path: string, reference: string, body: Record<string, unknown> = {}): Promise<CoreAnswer> {
    this.#deliveries += 1;
    const frame = {
      delivery_id: derivedId('dlv', this.#name, String(this.#deliveries)),
      application_id: this.application(reference).id,
      lender_ref: null,
      product_id: 'quick-cash',
    };
    return this.send(path, { ...frame, ...body });
  }

  async apply(
    reference: string,
    phone: string,
    deliveryId = derivedId('dlv', this.#name, reference),
  ): Promise<CoreAnswer> {
    const record = { applicant: { phone }, device: null, documents: [], verifications: [], consents: [] };
    return this.send('/applications', { ...applicationBody(deliveryId, this.application(reference), record) });
  }

  async draw(reference: string, loan = 'L', amount = 500_000): Promise<CoreAnswer> {
    const money = { amount, currency: 'CNY' };
    const loan_id = this.loanId(reference, loan);
    return this.tell('/loans', reference, {
      loan_id,
      amount: money,
      term: 3,
      term_unit: 'month',
      purpose: 'consumption',
    });
  }

  /** What the lender believes of an applicant. */
  async state(reference: string): Promise<StateLine> {
    const id = this.application(reference).id;
    const response = await fetch(`${this.sandbox.coreUrl(SANDBOX_LENDER)}/state?application_id=${id}`);
    return JSON.parse(await response.text()) as StateLine;
  }

  async close(): Promise<void> {
    await this.sandbox.stop();
    await this.door.close();
    this.clock.stop();
  }
}

let rigs = 0;

/** Starts a rig with keys of its own. @param change of the lender's file */
export async function startSandboxRig(redis: TestRedis, change: Record<string, unknown> = {}): Promise<SandboxRig> {
  rigs += 1;
  const keys = createKeyspace(`${redis.keys.prefix}rig${rigs}:`);
  const clock = await createSandboxClock(redis.client, keys);
  const door = await startEventsDoor(SANDBOX_SECRET, SANDBOX_LENDER);
  const rejected: string[] = [];
  const real = sampleLender({ id: 'real', core: { url: 'https://core.example' }, products: [] });
  const lender = sampleLender(change);
  const deps = {
    client: redis.client,
    keys,
    clock,
    rootSecret: SANDBOX_SECRET,
    lenders: () => [lender, real],
    eventsUrl: () => door.url,
    loadJwks: async () => publicKeySet([ourKey]),
    observer: {
      rejected: (_lender: string, id: string, code: string) => void rejected.push(`${id} ${code}`),
      failed: () => undefined,
    },
  };
  const another = () => startSandboxLenders(deps);
  return new SandboxRig({ keys, clock, door, sandbox: await another(), rejected, another }, `rig${rigs}`);
}
