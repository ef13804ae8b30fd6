import type { LookupFunction } from 'node:net';
import { Agent, errors, request } from 'undici';
import { VERSION } from '../version.ts';
import { AddressRefusedError, guardedConnector } from './guarded-connector.ts';

export interface OutboundRequest {
  /** https; loopback http where that is allowed. Redirects are never followed: they are answers like any other. */
  readonly url: string;
  readonly method?: 'GET' | 'POST' | 'PUT';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** For everything: name, connection, head and body. Default 2000. */
  readonly timeoutMs?: number;
}

/** Why there is no answer. */
export type OutboundFault = 'url_not_allowed' | 'address_not_allowed' | 'timeout' | 'too_large' | 'unreachable';

export type OutboundResult =
  | {
      readonly ok: true;
      readonly status: number;
      /** By lower-case name. */
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
      readonly body: Buffer;
    }
  /** `detail` is for the log: one sentence, without the path and query of the URL. */
  | { readonly ok: false; readonly code: OutboundFault; readonly detail: string };

/** HTTP to addresses that counterparties name. */
export interface Outbound {
  /** Never rejects: what can go wrong out there is expected. */
  fetchBounded(wanted: OutboundRequest): Promise<OutboundResult>;
  /** Ends all connections. */
  close(): Promise<void>;
}

export interface OutboundOptions {
  /** In sandbox only. */
  readonly allowLoopback: boolean;
  /** An answer with a longer body is cut off and counts as none. Default 64 KiB. */
  readonly maxBodyBytes?: number;
  /** Default 4. */
  readonly connectionsPerHost?: number;
  /** Resolves names; the system's by default. */
  readonly lookup?: LookupFunction;
}

const DEFAULT_TIMEOUT_MS = 2_000;
const DEFAULT_MAX_BODY_BYTES = 64 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;
const CONNECTIONS_PER_HOST = 4;

/**
 * A client for URLs that others choose: nothing but public addresses over https (see {@link guardedConnector}), no redirects,
 * bounded time, headers and body. No content coding is asked for and none is undone, so that a small answer stays small.
 */
export function createOutbound(options: OutboundOptions): Outbound {
  const { allowLoopback, maxBodyBytes = DEFAULT_MAX_BODY_BYTES, lookup } = options;
  const { connectionsPerHost = CONNECTIONS_PER_HOST } = options;
  const agent = new Agent({
    connect: guardedConnector({ allowLoopback, connectTimeoutMs: DEFAULT_TIMEOUT_MS, lookup }),
    connections: connectionsPerHost,
    maxHeaderSize: MAX_HEADER_BYTES,
    maxResponseSize: maxBodyBytes,
  });
  return {
    async fetchBounded({ url, method = 'GET', headers = {}, body = null, timeoutMs = DEFAULT_TIMEOUT_MS }) {
      const fault = urlFault(url, allowLoopback);
      if (fault !== undefined) return { ok: false, code: 'url_not_allowed', detail: fault };
      try {
        const answer = await request(url, {
          method,
          headers: { 'user-agent': `sluice/${VERSION}`, ...headers },
          body,
          dispatcher: agent,
          signal: AbortSignal.timeout(timeoutMs),
        });
        const bytes = Buffer.from(await answer.body.arrayBuffer());
        return { ok: true, status: answer.statusCode, headers: answer.headers, body: bytes };
      } catch (error) {
        return { ok: false, ...faultOf(error, timeoutMs, maxBodyBytes) };
      }
    },
    close: () => agent.destroy(),
  };
}

/** What can be told without asking anybody; the address is judged when it is known. */
function urlFault(url: string, allowLoopback: boolean): string | undefined {
  if (!URL.canParse(url)) return 'this is no URL';
  const { protocol, username, password } = new URL(url);
  if (username !== '' || password !== '') return 'the URL carries a user name or password';
  if (protocol === 'https:' || (protocol === 'http:' && allowLoopback)) return undefined;
  return 'the URL is not https';
}

function faultOf(error: unknown, timeoutMs: number, maxBodyBytes: number): { code: OutboundFault; detail: string } {
  if (error instanceof AddressRefusedError) return { code: 'address_not_allowed', detail: error.message };
  if (error instanceof errors.ResponseExceededMaxSizeError) {
    return { code: 'too_large', detail: `the answer has more than ${maxBodyBytes} bytes` };
  }
  const isTimeout = error instanceof errors.ConnectTimeoutError || nameOf(error) === 'TimeoutError';
  if (isTimeout) return { code: 'timeout', detail: `no whole answer within ${timeoutMs} ms` };
  return { code: 'unreachable', detail: `no answer: ${reasonOf(error)}` };
}

/** An error code such as ECONNREFUSED, ENOTFOUND or CERT_HAS_EXPIRED; messages may hold the whole URL. */
function reasonOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string') {
    return error.code;
  }
  return nameOf(error) ?? 'unknown';
}

function nameOf(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined;
}
