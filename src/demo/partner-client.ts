import type { z } from 'zod';
import type { SigningKey } from '../trust/import-key.ts';
import type { PublishedKeys } from '../trust/published-keys.ts';
import { signRequest } from '../trust/sign-message.ts';
import { verifyResponse } from '../trust/verify-response.ts';
import type { PlatformId } from './cast-errands.ts';
import { DemoFault } from './demo-fault.ts';
import { HttpExchange, type Reply, readJson, type Sent } from './http-exchange.ts';

const JSON_TYPE = 'application/json';
/** The default coverage, under our tag. */
const ACCEPT_SIGNATURE = 'sig=();created;expires;tag="sluice"';

/** A platform as it calls us: every request signed after RFC 9421 with its own key, and every answer's signature verified. */
export class PartnerClient {
  readonly id: PlatformId;
  readonly #origin: string;
  readonly #key: SigningKey;
  readonly #gatewayKeys: PublishedKeys;
  readonly #exchange = new HttpExchange();
  #verifiedAnswers = 0;

  /**
   * @param origin the gateway's public one, which the signature covers
   * @param gatewayKeys what the gateway signs its answers with
   */
  constructor(id: PlatformId, origin: string, key: SigningKey, gatewayKeys: PublishedKeys) {
    this.id = id;
    this.#origin = origin;
    this.#key = key;
    this.#gatewayKeys = gatewayKeys;
  }

  /** Answers whose signature was verified; one that does not verify ends the run. */
  get verifiedAnswers(): number {
    return this.#verifiedAnswers;
  }

  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const reply = await this.#send('GET', path);
    return readJson(`${this.id}: GET ${path}`, reply, [200], schema);
  }

  /** A file, byte for byte. */
  async getText(path: string): Promise<string> {
    const reply = await this.#send('GET', path);
    if (reply.status === 200) return reply.text;
    throw new DemoFault(`${this.id}: GET ${path} answered ${reply.status}`);
  }

  async post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    const reply = await this.#send('POST', path, JSON.stringify(body));
    return readJson(`${this.id}: POST ${path}`, reply, [200, 201], schema);
  }

  close(): Promise<void> {
    return this.#exchange.close();
  }

  #signed(method: Sent['method'], path: string, body?: string): Sent {
    const url = `${this.#origin}${path}`;
    const headers: Record<string, string> = body === undefined ? {} : { 'Content-Type': JSON_TYPE };
    const content = body === undefined ? {} : { body };
    const createdSeconds = Date.now() / 1_000;
    const signature = signRequest({ method, url, headers, ...content, key: this.#key, createdSeconds });
    return { method, url, headers: { ...headers, ...signature, 'Accept-Signature': ACCEPT_SIGNATURE }, ...content };
  }

  async #send(method: Sent['method'], path: string, body?: string): Promise<Reply> {
    const reply = await this.#exchange.send(() => this.#signed(method, path, body));
    let verdict = this.#verify(reply);
    if (!verdict.ok && verdict.keyId !== undefined && (await this.#gatewayKeys.findFresh(verdict.keyId))) {
      verdict = this.#verify(reply);
    }
    if (!verdict.ok) {
      throw new DemoFault(`${this.id}: the answer to ${method} ${path} does not verify: ${verdict.detail}`);
    }
    this.#verifiedAnswers += 1;
    return reply;
  }

  #verify({ sent, status, headers, bytes }: Reply) {
    return verifyResponse(
      { status, headers: linesOf(headers), body: bytes },
      { method: sent.method, url: sent.url, headers: Object.entries(sent.headers ?? {}) },
      { keys: this.#gatewayKeys, nowSeconds: Date.now() / 1_000 },
    );
  }
}

function linesOf(headers: Reply['headers']): [string, string][] {
  return Object.entries(headers).flatMap(([name, value = []]) =>
    (Array.isArray(value) ? value : [value]).map((line): [string, string] => [name, line]),
  );
}
