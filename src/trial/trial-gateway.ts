import { z } from 'zod';
import { HttpExchange, type Reply } from '../demo/http-exchange.ts';
import type { SigningKey } from '../trust/import-key.ts';
import { signRequest } from '../trust/sign-message.ts';
import { TrialCannotRunError } from './trial-check.ts';

/** What the gateway answered to a partner. */
export interface PartnerAnswer {
  readonly status: number;
  readonly json: unknown;
  /** Code of a problem; null = it is none. */
  readonly code: string | null;
  /** Code and detail of a problem, for a person. */
  readonly words: string;
}

const problemSchema = z.looseObject({ code: z.string().optional(), detail: z.string().optional() });

/** The gateway as a partner calls it, every request signed. */
export class TrialPartner {
  readonly #origin: string;
  readonly #key: SigningKey;
  readonly #exchange = new HttpExchange();

  /** @param origin the gateway's public one, which the signature covers */
  constructor(origin: string, key: SigningKey) {
    this.#origin = origin;
    this.#key = key;
  }

  get(path: string): Promise<PartnerAnswer> {
    return this.#send('GET', path);
  }

  post(path: string, body: unknown): Promise<PartnerAnswer> {
    return this.#send('POST', path, { type: 'application/json', text: JSON.stringify(body) });
  }

  /** @param content of a form with a file */
  upload(path: string, content: { readonly type: string; readonly text: string }): Promise<PartnerAnswer> {
    return this.#send('POST', path, content);
  }

  close(): Promise<void> {
    return this.#exchange.close();
  }

  async #send(
    method: 'GET' | 'POST',
    path: string,
    content?: { readonly type: string; readonly text: string },
  ): Promise<PartnerAnswer> {
    const url = `${this.#origin}${path}`;
    const headers: Record<string, string> = content === undefined ? {} : { 'Content-Type': content.type };
    const body = content === undefined ? {} : { body: content.text };
    const reply = await this.#exchange
      .send(() => {
        const createdSeconds = Date.now() / 1_000;
        const signed = signRequest({ method, url, headers, ...body, key: this.#key, createdSeconds });
        return { method, url, headers: { ...headers, ...signed }, ...body };
      })
      .catch((error: unknown) => {
        const cause = error instanceof Error ? error.message : String(error);
        throw new TrialCannotRunError(`no gateway answers at ${this.#origin} (${cause}); name it with --url`);
      });
    return answerOf(reply);
  }
}

/**
 * The body of an answer with one of the expected statuses.
 * @throws TrialCannotRunError naming what was asked and what came
 */
export function expectAnswer<T>(
  asked: string,
  answer: PartnerAnswer,
  statuses: readonly number[],
  schema: z.ZodType<T>,
): T {
  if (!statuses.includes(answer.status)) {
    throw new TrialCannotRunError(`${asked} was answered ${answer.status} ${answer.words}`.trimEnd());
  }
  const read = schema.safeParse(answer.json);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  throw new TrialCannotRunError(
    `${asked}: the answer is not as documented: /${issue?.path.join('/')} ${issue?.message}`,
  );
}

function answerOf({ status, text }: Reply): PartnerAnswer {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  if (status < 400) return { status, json, code: null, words: '' };
  const { code = null, detail } = problemSchema.safeParse(json).data ?? {};
  return { status, json, code, words: [code, detail].filter((word) => word !== undefined && word !== null).join(': ') };
}
