import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { OurSignatureVerifier } from '../../src/sandbox/verify-our-signature.ts';
import { importSigningKey } from '../../src/trust/import-key.ts';
import type { JsonWebKeySet } from '../../src/trust/our-keys.ts';
import { type PartnerClient, partnerClient } from './partner-door.ts';

/** What is wrong with a core; `nothing` = all is well. */
export const CORE_FAULTS = [
  'nothing',
  'fails-unknown-product',
  'no-reference',
  'forgets',
  'trusts-anybody',
  'wrong-order',
  'other-currency',
  'wrong-sum',
  'late',
  'silent',
  'strict',
  'other-answer',
  'slow',
] as const;
export type CoreFault = (typeof CORE_FAULTS)[number];

/** How long its lender waits for the slow one, ms. */
export const SLOW_TIMEOUT_MS = 200;
const SLOW_MS = 2 * SLOW_TIMEOUT_MS;
const LATE_MS = 10 * 60_000;
const DAY_MS = 86_400_000;

type Body = Readonly<Record<string, unknown>>;
interface Answer {
  readonly status: number;
  readonly body: object;
  /** Posted once it is answered. */
  readonly events?: readonly object[];
}

export interface TrialCores {
  /** Base URL of the core with one fault. */
  url(fault: CoreFault): string;
  /** Public half of the key that it posts with, as a JWK. */
  readonly jwks: Readonly<Record<CoreFault, Readonly<Record<string, string>>>>;
  /** From now on events go to this gateway. */
  connect(gatewayUrl: string): void;
  close(): Promise<void>;
}

/** Lenders' cores over real HTTP, one for each fault, that know what 0000 and 0003 of the sandbox set are. */
export async function startTrialCores(): Promise<TrialCores> {
  const pairs = new Map(CORE_FAULTS.map((fault) => [fault, generateKeyPairSync('ed25519')]));
  const cores = new Map<string, TrialCore>();
  let gatewayUrl = '';
  const verifier = new OurSignatureVerifier(async () => {
    return (await (await fetch(`${gatewayUrl}/.well-known/jwks.json`)).json()) as JsonWebKeySet;
  });
  let origin = '';
  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    const [, fault = '', operation = ''] = (request.url ?? '').split('/');
    const headers = pairsOf(request.rawHeaders);
    const check = await verifier.check({ method: 'POST', target: request.url ?? '', headers, body }, origin);
    const isLet = check.ok || fault === 'trusts-anybody';
    const core = cores.get(fault);
    if (!core || !isLet) return send(response, { status: core ? 401 : 404, body: { code: 'unauthorised' } });
    const answer = await core.take(operation, JSON.parse(Buffer.from(body).toString('utf8')) as Body);
    send(response, answer);
    await core.post(answer.events ?? []);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const publicOf = (fault: CoreFault) => pairs.get(fault)?.publicKey.export({ format: 'jwk' });
  return {
    url: (fault) => `${origin}/${fault}`,
    jwks: Object.fromEntries(CORE_FAULTS.map((fault) => [fault, publicOf(fault)])) as TrialCores['jwks'],
    connect(url) {
      gatewayUrl = url;
      for (const [fault, { privateKey }] of pairs) {
        const jwk = { ...privateKey.export({ format: 'jwk' }), kty: 'OKP' };
        const read = importSigningKey({ id: `try-${fault}`, alg: 'ed25519', jwk });
        if (!read.ok) throw new Error(read.detail);
        cores.set(fault, new TrialCore(fault, partnerClient(url, read.key)));
      }
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One lender's core. */
class TrialCore {
  readonly #fault: CoreFault;
  readonly #door: PartnerClient;
  readonly #answers = new Map<string, object>();
  #count = 0;

  constructor(fault: CoreFault, door: PartnerClient) {
    this.#fault = fault;
    this.#door = door;
  }

  async take(operation: string, message: Body): Promise<Answer> {
    const deliveryId = String(message.delivery_id);
    const known = this.#answers.get(deliveryId);
    if (this.#fault === 'slow') await delay(SLOW_MS);
    if (known && this.#fault !== 'forgets') return { status: 200, body: { ...known, result: 'duplicate' } };
    if (this.#fault === 'strict' && 'x_not_known' in message) return { status: 422, body: { code: 'unknown_field' } };
    if (this.#fault === 'other-answer') return { status: 200, body: { result: 'ok', lender_ref: 7 } };
    if (message.product_id === 'sluice-no-such-product') {
      return { status: this.#fault === 'fails-unknown-product' ? 500 : 404, body: { code: 'unknown_product' } };
    }
    this.#count += 1;
    const lender_ref = `${this.#fault}-${this.#count}`;
    const answer = { result: 'accepted', ...(this.#fault === 'no-reference' ? {} : { lender_ref }) };
    this.#answers.set(deliveryId, answer);
    return { status: 200, body: answer, events: this.#events(operation, message) };
  }

  async post(events: readonly object[]): Promise<void> {
    if (this.#fault === 'silent') return;
    for (const event of events) await this.#door.post('/lender/v1/events', { events: [event] });
  }

  #events(operation: string, message: Body): object[] {
    if (operation === 'applications') return this.#decide(message);
    return operation === 'loans' ? this.#payOut(message) : [];
  }

  #decide({ application_id, applicant, requested }: Body): object[] {
    const { phone } = applicant as { phone: string };
    const { amount } = requested as { amount: { amount: number; currency: string } };
    if (phone.endsWith('0003')) return [this.#event('application.in_review', { application_id }, {})];
    const currency = this.#fault === 'other-currency' ? 'USD' : amount.currency;
    const expires_at = new Date(Date.now() + 90 * DAY_MS).toISOString();
    const granted = { amount: { ...amount, currency }, apr: '0.18', expires_at };
    return [this.#event('credit.granted', { application_id }, granted)];
  }

  #payOut({ loan_id, amount }: Body): object[] {
    const principal = amount as { amount: number; currency: string };
    const zero = { ...principal, amount: 0 };
    const lent = this.#fault === 'wrong-sum' ? { ...principal, amount: principal.amount - 1 } : principal;
    const due_on = new Date(Date.now() + 90 * DAY_MS).toISOString().slice(0, 10);
    const disbursed_at = new Date().toISOString();
    const schedule = [{ no: 1, due_on, principal: lent, interest: zero, fees: [] }];
    const paying = this.#event('loan.paying_out', { loan_id }, {}, 2);
    const disbursed = this.#event(
      'loan.disbursed',
      { loan_id },
      { principal, received: principal, disbursed_at, schedule },
    );
    if (this.#fault !== 'wrong-order') return [paying, disbursed];
    const money = { principal, interest: zero, fees: [], penalty: zero, waived: zero };
    const paid = { no: 1, payment_ref: `P-${this.#count}`, ...money, payer: 'borrower', paid_at: disbursed_at };
    return [this.#event('installment.paid', { loan_id }, paid), paying, disbursed];
  }

  #event(type: string, object: object, data: object, agoMs = 0): object {
    this.#count += 1;
    const late = this.#fault === 'late' ? LATE_MS : 0;
    const occurred_at = new Date(Date.now() - agoMs - late).toISOString();
    return { id: `${this.#fault}-e${this.#count}`, type, occurred_at, ...object, data };
  }
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function readBody(request: IncomingMessage): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function pairsOf(raw: readonly string[]): [string, string][] {
  return raw.flatMap((name, at): [string, string][] => (at % 2 === 0 ? [[name, raw[at + 1] ?? '']] : []));
}
