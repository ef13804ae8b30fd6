import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case; the last of equal ones. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface RawConversation {
  /** Final answers in order; 1xx are not among them. */
  readonly answers: readonly RawAnswer[];
  /** Statuses of interim answers. */
  readonly interim: readonly number[];
  /** Whether the server ended the connection by itself. */
  readonly closed: boolean;
}

export interface RawOptions {
  /** Stop after this many answers; default 1. Infinity = read until the server closes. */
  readonly answers?: number;
  readonly patienceMs?: number;
}

/** What is sent: text is written as Latin-1, so that `\x00`–`\xff` are those bytes; a number is a pause in milliseconds. */
export type RawPart = string | Uint8Array | number;

/**
 * Sends bytes as they are to a port of this machine and reads the answers.
 * @throws Error when the server says nothing and does not close in time
 */
export function converse(
  port: number,
  parts: RawPart | readonly RawPart[],
  { answers: wanted = 1, patienceMs = 15_000 }: RawOptions = {},
): Promise<RawConversation> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    let received = Buffer.alloc(0);
    const answers: RawAnswer[] = [];
    const interim: number[] = [];
    const finish = (closed: boolean): void => {
      socket.destroy();
      resolve({ answers, interim, closed });
    };
    const silence = setTimeout(() => {
      socket.destroy();
      reject(new Error(`no answer in ${patienceMs} ms`));
    }, patienceMs);
    const take = (): void => {
      for (let next = readAnswer(received); next !== undefined; next = readAnswer(received)) {
        received = received.subarray(next.length);
        if (next.answer.status < 200) interim.push(next.answer.status);
        else answers.push(next.answer);
      }
      if (answers.length >= wanted) finish(false);
    };
    // A reset after the answer is how a server ends a connection whose sender is still talking.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(silence);
      finish(true);
    });
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      take();
    });
    socket.on('connect', () => void write(socket, typeof parts === 'object' && !isBytes(parts) ? parts : [parts]));
  });
}

function isBytes(part: RawPart | readonly RawPart[]): part is Uint8Array {
  return part instanceof Uint8Array;
}

async function write(socket: ReturnType<typeof connect>, parts: readonly RawPart[]): Promise<void> {
  for (const part of parts) {
    if (typeof part === 'number') await delay(part);
    else if (socket.writable) socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
  }
}

function readAnswer(bytes: Buffer): { answer: RawAnswer; length: number } | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [line = '', ...fields] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers = Object.fromEntries(
    fields.map((field) => [
      field.slice(0, field.indexOf(':')).toLowerCase(),
      field.slice(field.indexOf(':') + 1).trim(),
    ]),
  );
  const status = Number(line.split(' ')[1]);
  const start = end + 4;
  if (headers['transfer-encoding'] === 'chunked') return readChunks(bytes, start, { status, headers });
  const length = status < 200 || status === 204 || status === 304 ? 0 : Number(headers['content-length'] ?? 0);
  if (bytes.length < start + length) return undefined;
  const body = bytes.toString('utf8', start, start + length);
  return { answer: { status, headers, body }, length: start + length };
}

function readChunks(bytes: Buffer, start: number, head: Omit<RawAnswer, 'body'>) {
  const parts: Buffer[] = [];
  for (let at = start; ; ) {
    const lineEnd = bytes.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(bytes.toString('latin1', at, lineEnd), 16);
    const from = lineEnd + 2;
    if (bytes.length < from + size + 2) return undefined;
    if (size === 0) return { answer: { ...head, body: Buffer.concat(parts).toString('utf8') }, length: from + 2 };
    parts.push(bytes.subarray(from, from + size));
    at = from + size + 2;
  }
}

/** A request as text: the line without the version, header lines, body. */
export function httpText(line: string, headers: readonly string[], body = ''): string {
  return `${line} HTTP/1.1\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n${body}`;
}

let address = 0;

/**
 * The same request as a trusted proxy on this machine passes it on, each time for a client at another address: who fails
 * to authenticate too often is not listened to. The gateway must run with {@link TRUSTING_LOOPBACK}.
 */
export function fromElsewhere(text: string): string {
  address += 1;
  return text.replace('\r\n', `\r\nX-Forwarded-For: 198.18.${(address >> 8) & 255}.${address & 255}\r\n`);
}

/** Settings under which what comes from this machine may say for whom it comes. */
export const TRUSTING_LOOPBACK = { SLUICE_TRUSTED_PROXIES: '127.0.0.0/8' };
