import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';

/** What the gateway said, or why it could not be asked; the message is for a person. */
export class OperatorApiError extends Error {
  override readonly name = 'OperatorApiError';
  /** The problem's code; null when there was no answer. */
  readonly code: string | null;

  constructor(message: string, code: string | null = null) {
    super(message);
    this.code = code;
  }
}

/** Flags of every command that talks to a running gateway. */
export interface OperatorApiFlags {
  readonly url: string;
  readonly tokenFile?: string;
}

const DEFAULT_URL = 'http://127.0.0.1:8787';
const TIMEOUT_MS = 30_000;

/** Adds `--url` and `--token-file` to a command. */
export function withOperatorApiOptions(command: Command): Command {
  return command
    .option(
      '--url <origin>',
      'the gateway (default: SLUICE_URL, else port 8787 here)',
      parseOrigin,
      process.env.SLUICE_URL ?? DEFAULT_URL,
    )
    .option(
      '--token-file <file>',
      'file with your operator token (default: SLUICE_ADMIN_TOKEN, else the data folder’s)',
    );
}

/** The operator API of a running gateway. */
export class OperatorApi {
  readonly #origin: string;
  readonly #token: string;

  /** @throws OperatorApiError when there is no token */
  constructor({ url, tokenFile }: OperatorApiFlags) {
    this.#origin = url;
    this.#token = operatorToken(tokenFile);
  }

  /** @throws OperatorApiError */
  get<T>(path: string): Promise<T> {
    return this.#send<T>('GET', path);
  }

  /**
   * @param reason for the audit log, where the body has none of its own
   * @throws OperatorApiError
   */
  post<T>(path: string, body: unknown, reason?: string): Promise<T> {
    return this.#send<T>('POST', path, body, reason);
  }

  /** All items of a list, page by page. */
  async *list<T>(path: string): AsyncGenerator<T> {
    const separator = path.includes('?') ? '&' : '?';
    let cursor: string | null = null;
    do {
      const next: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: { data: T[]; next_cursor: string | null } = await this.get(`${path}${separator}limit=200${next}`);
      yield* page.data;
      cursor = page.next_cursor;
    } while (cursor !== null);
  }

  async #send<T>(method: string, path: string, body?: unknown, reason?: string): Promise<T> {
    const headers: Record<string, string> = { authorization: `Bearer ${this.#token}` };
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (reason !== undefined) headers['sluice-reason'] = `UTF-8''${encodeURIComponent(reason)}`;
    let response: Response;
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      response = await fetch(`${this.#origin}${path}`, {
        method,
        headers,
        signal,
        redirect: 'error',
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
      throw new OperatorApiError(`no gateway answers at ${this.#origin} (${cause}); name it with --url`);
    }
    const answer: unknown = await response.json().catch(() => undefined);
    if (response.ok) return answer as T;
    throw refusal(response.status, answer);
  }
}

function refusal(status: number, answer: unknown): OperatorApiError {
  const { code, title, detail } = (answer ?? {}) as { code?: string; title?: string; detail?: string };
  if (code === undefined) return new OperatorApiError(`the gateway answered ${status}`);
  return new OperatorApiError(`${detail ?? title ?? 'refused'} (${status} ${code})`, code);
}

/** The named file, `SLUICE_ADMIN_TOKEN`, or the token that a sandbox gateway keeps in its data folder. */
function operatorToken(file: string | undefined): string {
  const token =
    file === undefined
      ? (process.env.SLUICE_ADMIN_TOKEN ?? readToken(join(process.env.SLUICE_DATA ?? 'data', 'admin-token')))
      : readToken(file);
  if (token === undefined || token === '') {
    const where = file === undefined ? 'set SLUICE_ADMIN_TOKEN, or name a file with --token-file' : `${file} has none`;
    throw new OperatorApiError(`an operator token is needed: ${where}`);
  }
  return token;
}

function readToken(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return undefined;
  }
}

function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new InvalidArgumentError('must be an address such as https://gw.example');
  }
  return url.origin;
}
