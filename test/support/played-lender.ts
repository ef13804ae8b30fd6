import { OurSignatureVerifier } from '../../src/sandbox/verify-our-signature.ts';
import type { SigningKey } from '../../src/trust/import-key.ts';
import type { JsonWebKeySet } from '../../src/trust/our-keys.ts';
import { type CoreAnswer, type FakeCore, startFakeCore } from './fake-core.ts';
import type { TestGateway } from './gateway.ts';
import { ed, edPair, jwkOf } from './key-gateways.ts';
import { type PartnerClient, partnerClient } from './partner-door.ts';

const KEY_ID = 'played-core';

// biome-ignore lint/suspicious/noExplicitAny: what came over the wire; the test judges it
type Body = any;

/** What a core answers to one operation of ours. */
export type Handler = (body: Body) => { readonly status?: number; readonly body: object };

const ACCEPTED: Handler = () => ({ body: { result: 'accepted' } });

/**
 * A lender's core that a test plays over real HTTP: it checks our signature on everything it is sent, answers as it is told,
 * and posts events signed with a key of its own.
 */
export class PlayedLender {
  readonly core: FakeCore;
  /** What was sent without a good signature of ours, by path; nothing should be. */
  readonly unsigned: string[] = [];
  readonly #pair = edPair();
  readonly #handlers = new Map<string, Handler>();
  #gateway: TestGateway | undefined;
  #verifier: OurSignatureVerifier | undefined;
  #events = 0;

  private constructor(core: FakeCore) {
    this.core = core;
  }

  static async start(): Promise<PlayedLender> {
    let lender: PlayedLender | undefined;
    const core = await startFakeCore(async (push): Promise<CoreAnswer> => {
      if (lender === undefined) return { status: 503 };
      return lender.#answer(push.path.replace('/core', ''), push);
    });
    lender = new PlayedLender(core);
    return lender;
  }

  /** For the lender's file: where its core is, and the public half of its key. */
  get file() {
    return { core: { url: this.core.url }, keys: [{ id: KEY_ID, alg: 'ed25519', jwk: jwkOf(this.#pair) }] };
  }

  meet(gateway: TestGateway): void {
    this.#gateway = gateway;
    this.#verifier = new OurSignatureVerifier(async () => {
      const response = await fetch(`${gateway.url}/.well-known/jwks.json`);
      return (await response.json()) as JsonWebKeySet;
    });
  }

  /** From now on, this is answered to an operation such as `/loans`; accepted until then. */
  on(path: string, handler: Handler): void {
    this.#handlers.set(path, handler);
  }

  /** What it was sent by one operation, oldest first. */
  sent(path: string): Body[] {
    return this.core.received.filter((push) => push.path === `/core${path}`).map(({ body }) => body);
  }

  /** Signs as the lender. */
  get key(): SigningKey {
    return ed(KEY_ID, this.#pair);
  }

  get door(): PartnerClient {
    return partnerClient(this.#met.url, this.key);
  }

  /** Posts one event that happens now. @returns what became of it */
  async tell(type: string, about: object, data?: object): Promise<Body> {
    const { body: clock } = await this.#met.operator.get('/sandbox/clock');
    this.#events += 1;
    const event = { id: `EV-${this.#events}`, type, occurred_at: clock.now, ...about, ...(data ? { data } : {}) };
    const { status, body } = await this.door.post('/lender/v1/events', { events: [event] });
    if (status !== 200) throw new Error(`${type}: ${status} ${JSON.stringify(body)}`);
    return body.results[0];
  }

  /** The same of several, each of which must be applied. */
  async tellAll(about: object, ...events: readonly (readonly [type: string, data?: object])[]): Promise<void> {
    for (const [type, data] of events) {
      const result = await this.tell(type, about, data);
      if (result.result !== 'applied') throw new Error(`${type}: ${JSON.stringify(result)}`);
    }
  }

  close(): Promise<void> {
    return this.core.close();
  }

  get #met(): TestGateway {
    if (this.#gateway === undefined) throw new Error('the lender has met no gateway');
    return this.#gateway;
  }

  async #answer(path: string, { raw, body, key }: FakeCore['received'][number]): Promise<CoreAnswer> {
    const checked = await this.#verifier?.check(raw, new URL(this.core.url).origin);
    const isQuestion = body.delivery_id === undefined;
    if (checked?.ok !== true || (!isQuestion && key !== body.delivery_id)) this.unsigned.push(path);
    const { status = 200, body: answer } = (this.#handlers.get(path) ?? ACCEPTED)(body);
    return { status, body: answer };
  }
}
