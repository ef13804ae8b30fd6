import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { getRequestListener, type HttpBindings, RequestError } from '@hono/node-server';
import { randomId } from '../base/ids.ts';
import { answerUnreadable, type LastAnswers } from './answer-unreadable.ts';
import type { Fetch } from './mount-doors.ts';
import { ProblemError, problemResponse } from './problem.ts';

/** Request line and header fields together; more is 431. */
const MAX_HEAD_BYTES = 16 * 1024;
/** The size bounds the lines too. Node's own bound (0 = none) drops the lines beyond it without a word: a second Host among them. */
const MAX_HEADER_LINES = 0;
/** A client that dribbles its head or its body holds a socket no longer than this. */
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 30_000;
const CHECK_INTERVAL_MS = 2_000;
/** No byte in either direction for so long: a client that asks and never reads its answer would hold both for ever. */
const STALLED_MS = 120_000;
/** Longer than the idle time of usual load balancers, so that they close first and never meet a closing socket. */
const KEEP_ALIVE_MS = 75_000;
const DRAIN_DEADLINE_MS = 10_000;
const IDLE_SWEEP_MS = 25;

/** Hands a request to the doors. */
export type TakeOver = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/**
 * Answers a request on the socket, before the framework's objects are made of it; false = nothing was done, and it goes to
 * the doors. One that it took and cannot answer it may still hand over, as long as nothing was written.
 */
export type Direct = (incoming: IncomingMessage, outgoing: ServerResponse, takeOver: TakeOver) => boolean;

export interface ServerSettings {
  readonly fetch: Fetch;
  /** Asked first. Absent = everything goes to the doors. */
  readonly direct?: Direct;
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** Where problem types are documented; for requests that no door sees. Asked when needed. */
  readonly publicUrl: () => string;
  /** After which a connection that stands still in the middle of an exchange is cut. Default 120 s. */
  readonly stalledMs?: number;
}

export interface RunningServer {
  readonly host: string;
  readonly port: number;
  /** `http://host:port` of the listening socket. */
  readonly url: string;
  /** Stops accepting, lets requests under way finish until the deadline, then cuts what is left. Default 10 s. */
  close(deadlineMs?: number): Promise<void>;
}

/** Listens. Rejects when the address cannot be had. */
export async function startServer(settings: ServerSettings): Promise<RunningServer> {
  const state = { draining: false };
  const sockets: LastAnswers = new Map();
  const listener = getRequestListener((request, env) => settings.fetch(request, env as HttpBindings), {
    // Only for what the adapter itself cannot turn into a request; doors answer everything else.
    errorHandler: (error) => edgeProblem(error, settings.publicUrl()),
  });
  const takeOver: TakeOver = (incoming, outgoing) => void listener(incoming, outgoing);
  const server = createServer(
    {
      maxHeaderSize: MAX_HEAD_BYTES,
      // Answered by the doors, as every other ambiguity.
      requireHostHeader: false,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_INTERVAL_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      noDelay: true,
    },
    (incoming, outgoing) => {
      sockets.set(incoming.socket, outgoing);
      if (state.draining) outgoing.setHeader('Connection', 'close');
      if (settings.direct?.(incoming, outgoing, takeOver) !== true) takeOver(incoming, outgoing);
    },
  );
  server.maxHeadersCount = MAX_HEADER_LINES;
  server.timeout = settings.stalledMs ?? STALLED_MS;
  server.on('connection', (socket) => {
    sockets.set(socket, undefined);
    socket.once('close', () => sockets.delete(socket));
  });
  answerUnreadable(server, sockets, settings.publicUrl);
  await listen(server, settings);
  const { address, port } = server.address() as AddressInfo;
  return {
    host: address,
    port,
    url: `http://${address.includes(':') ? `[${address}]` : address}:${port}`,
    close: (deadlineMs = DRAIN_DEADLINE_MS) => {
      state.draining = true;
      return drain(server, sockets, deadlineMs);
    },
  };
}

function listen(server: Server, { host, port }: ServerSettings): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function drain(server: Server, sockets: LastAnswers, deadlineMs: number): Promise<void> {
  const closeIdle = (): void => {
    server.closeIdleConnections();
    // Node does not count a connection as idle that was opened and has not sent a byte yet.
    for (const socket of sockets.keys()) if (socket instanceof Socket && socket.bytesRead === 0) socket.destroy();
  };
  return new Promise((resolve) => {
    // A connection kept alive becomes idle whenever its answer is written, so idle ones are swept until none is left.
    const sweep = setInterval(closeIdle, IDLE_SWEEP_MS);
    const deadline = setTimeout(() => server.closeAllConnections(), deadlineMs);
    server.close(() => {
      clearInterval(sweep);
      clearTimeout(deadline);
      resolve();
    });
    closeIdle();
  });
}

function edgeProblem(error: unknown, publicUrl: string): Response {
  const problem =
    error instanceof RequestError
      ? new ProblemError('request_malformed', 'Host and target do not make a URL')
      : new ProblemError('internal_error');
  const requestId = randomId('req');
  const response = problemResponse(problem, { publicUrl, requestId, language: 'en' });
  response.headers.set('sluice-request-id', requestId);
  return response;
}
