import { z } from 'zod';
import { DemoFault } from './demo-fault.ts';
import { HttpExchange, readJson } from './http-exchange.ts';

const clockSchema = z.object({ now: z.iso.datetime() });

/** An operator at work: bearer token, `/admin/v1` and the sandbox clock. */
export class OperatorClient {
  readonly #origin: string;
  readonly #token: string;
  readonly #exchange = new HttpExchange();

  constructor(origin: string, token: string) {
    this.#origin = origin;
    this.#token = token;
  }

  async get<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    return readJson(`operator: GET ${path}`, await this.#send('GET', path), [200], schema);
  }

  /** A file, byte for byte. */
  async getText(path: string): Promise<string> {
    const reply = await this.#send('GET', path);
    if (reply.status === 200) return reply.text;
    throw new DemoFault(`operator: GET ${path} answered ${reply.status}`);
  }

  async post<T>(path: string, body: unknown, schema: z.ZodType<T>): Promise<T> {
    return readJson(`operator: POST ${path}`, await this.#send('POST', path, body), [200, 201], schema);
  }

  /** Business time, epoch ms. */
  async now(): Promise<number> {
    return Date.parse((await this.get('/sandbox/clock', clockSchema)).now);
  }

  /** Moves business time on and waits until all that fell due has happened. @returns the new now, epoch ms */
  async moveClock(to: { readonly advance: string } | { readonly to: string }): Promise<number> {
    return Date.parse((await this.post('/sandbox/clock', to, clockSchema)).now);
  }

  close(): Promise<void> {
    return this.#exchange.close();
  }

  #send(method: 'GET' | 'POST', path: string, body?: unknown) {
    const headers = { Authorization: `Bearer ${this.#token}` };
    const content =
      body === undefined
        ? { headers }
        : { headers: { ...headers, 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
    return this.#exchange.send(() => ({ method, url: `${this.#origin}${path}`, ...content }));
  }
}
