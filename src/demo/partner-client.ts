import type { z } from 'zod';
import type { SigningKey } from '../trust/import-key.ts';
import { signRequest } from '../trust/sign-message.ts';
import type { PlatformId } from './cast-errands.ts';
import { DemoFault } from './demo-fault.ts';
import { HttpExchange, readJson, type Sent } from './http-exchange.ts';

const JSON_TYPE = 'application/json';

/** A platform as it calls us: every request signed after RFC 9421 with its own key. */
export class PartnerClient {
  readonly id: PlatformId;
  readonly #origin: string;
  readonly #key: SigningKey;
  readonly #exchange = new HttpExchange();

  /** @param origin the gateway's public one, which the signature covers */
  constructor(id: PlatformId, origin: string, key: SigningKey) {
    this.id = id;
    this.#origin = origin;
    this.#key = key;
  }

  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const reply = await this.#exchange.send(() => this.#signed('GET', path));
    return readJson(`${this.id}: GET ${path}`, reply, [200], schema);
  }

  /** A file, byte for byte. */
  async getText(path: string): Promise<string> {
    const reply = await this.#exchange.send(() => this.#signed('GET', path));
    if (reply.status === 200) return reply.text;
    throw new DemoFault(`${this.id}: GET ${path} answered ${reply.status}`);
  }

  async post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    const reply = await this.#exchange.send(() => this.#signed('POST', path, JSON.stringify(body)));
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
    return { method, url, headers: { ...headers, ...signature }, ...content };
  }
}
