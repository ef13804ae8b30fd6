import { type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { randomId } from '../base/ids.ts';
import { ProblemError, problemBody } from './problem.ts';
import { type ProblemCode, problems } from './problem-catalogue.ts';

/** Whoever has been told that this is the end, and does not close, is cut off after this: he would keep the socket for ever. */
const LINGER_MS = 2_000;

/** Every open connection, with the answer to the last request that was read from it. */
export type LastAnswers = Map<Duplex, ServerResponse | undefined>;

/**
 * Answers requests that reach no door, as problems too: what the HTTP parser refuses (head too large, time over, not HTTP,
 * two readings of where the body ends), `CONNECT`, and expectations other than `100-continue`.
 * @param publicUrl where problem types are documented; asked when needed
 */
export function answerUnreadable(server: Server, lastAnswers: LastAnswers, publicUrl: () => string): void {
  /** Connections that are being ended: a parser that has failed fails again with every byte that still comes. */
  const ending = new WeakSet<Duplex>();
  const refuse = (socket: Duplex, [code, detail]: Refusal): void => {
    if (ending.has(socket)) return;
    ending.add(socket);
    endAfter(socket, lastAnswers.get(socket), () => message(code, detail, publicUrl()));
  };
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ECONNRESET' || !socket.writable) socket.destroy();
    else refuse(socket, REFUSAL_OF_PARSER_ERROR[error.code ?? ''] ?? MALFORMED);
  });
  server.on('connect', (_incoming, socket) => {
    // Node has let go of the socket; a client that goes away must not bring the process down.
    socket.on('error', () => socket.destroy());
    refuse(socket, TUNNEL);
  });
  server.on('checkExpectation', (incoming, outgoing) => {
    lastAnswers.set(incoming.socket, outgoing);
    const { status, headers, body } = problemParts('expectation_failed', undefined, publicUrl());
    outgoing.writeHead(status, headers).end(body);
  });
}

/**
 * Ends a connection with a last message, but never before the answers to earlier requests on it: a client that has sent
 * several at once would take the refusal of a later one for the answer to an earlier one, which was carried out.
 */
function endAfter(socket: Duplex, lastAnswer: ServerResponse | undefined, lastMessage: () => string): void {
  const end = (): void => {
    if (!socket.writable) return;
    socket.end(lastMessage());
    const linger = setTimeout(() => socket.destroy(), LINGER_MS).unref();
    socket.once('close', () => clearTimeout(linger));
  };
  if (lastAnswer === undefined || lastAnswer.writableFinished) end();
  else if (lastAnswer.req.complete) lastAnswer.once('close', end);
  // What cannot be read is part of the last request, so this is its answer, unless earlier ones are still due.
  else if (lastAnswer.socket !== null) end();
  else socket.destroy();
}

function message(code: ProblemCode, detail: string, publicUrl: string): string {
  const { status, headers, body } = problemParts(code, detail, publicUrl);
  const lines = Object.entries({ Connection: 'close', ...headers }).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, '', body].join('\r\n');
}

function problemParts(code: ProblemCode, detail: string | undefined, publicUrl: string) {
  const requestId = randomId('req');
  const problem = new ProblemError(code, detail);
  const body = JSON.stringify(problemBody(problem, { publicUrl, requestId, language: 'en' }));
  const headers = {
    'Sluice-Request-Id': requestId,
    'Content-Type': 'application/problem+json',
    'Content-Language': 'en',
    'Content-Length': String(Buffer.byteLength(body)),
  };
  return { status: problems[code].status, headers, body };
}

type Refusal = readonly [code: ProblemCode, detail: string];

const TUNNEL: Refusal = ['request_malformed', 'CONNECT asks for a tunnel; this is no proxy'];
const MALFORMED: Refusal = ['request_malformed', 'this is not HTTP that every reader understands alike'];
const REFUSAL_OF_PARSER_ERROR: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: ['head_too_large', 'the request line and the headers have more than 16 KiB'],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['body_too_large', 'the chunks have too many extensions'],
  ERR_HTTP_REQUEST_TIMEOUT: ['request_timeout', 'the request did not arrive in time'],
};
