import type { IncomingMessage } from 'node:http';
import type { PublicNames } from '../trust/public-names.ts';
import { type CheckedRequest, checkRawRequest } from '../trust/raw-request.ts';
import { ProblemError } from './problem.ts';
import { NO_BODY, readBody, readWebBody } from './read-body.ts';
import type { DoorContext } from './request-context.ts';

/** A body of an operation that does not say otherwise. */
export const BODY_LIMIT_BYTES = 256 * 1024;

/**
 * The request as it was sent: raw target, header lines and bytes, read once. The framework's own URL and headers cannot be
 * used for signatures: they are normalised, joined and re-encoded.
 * @throws ProblemError `body_too_large`, `request_malformed`
 */
export function captureRequest<P>(
  c: DoorContext<P>,
  names: PublicNames,
  limitBytes: number,
): CheckedRequest | Promise<CheckedRequest> {
  const incoming = c.env?.incoming;
  if (incoming === undefined) return captureWebRequest(c.req.raw, names, limitBytes);
  const body = readBody(incoming, limitBytes);
  if (body instanceof Uint8Array) return checkIncoming(incoming, body, names);
  return body.then((bytes) => checkIncoming(incoming, bytes, names));
}

/**
 * Only the head: for answers that do not depend on the body, such as "not found".
 * @throws ProblemError `request_malformed`
 */
export function checkHead<P>(c: DoorContext<P>, names: PublicNames): CheckedRequest {
  const incoming = c.env?.incoming;
  return incoming === undefined ? checkWeb(c.req.raw, NO_BODY, names) : checkIncoming(incoming, NO_BODY, names);
}

function checkIncoming(incoming: IncomingMessage, body: Uint8Array, names: PublicNames): CheckedRequest {
  const { rawHeaders, httpVersion } = incoming;
  const headers: [string, string][] = [];
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) headers.push([rawHeaders[i] ?? '', rawHeaders[i + 1] ?? '']);
  return check({ method: incoming.method ?? '', target: incoming.url ?? '', httpVersion, headers, body }, names);
}

async function captureWebRequest(request: Request, names: PublicNames, limitBytes: number): Promise<CheckedRequest> {
  return checkWeb(request, await readWebBody(request, limitBytes), names);
}

function checkWeb(request: Request, body: Uint8Array, names: PublicNames): CheckedRequest {
  const url = new URL(request.url);
  const headers = [...request.headers];
  if (!request.headers.has('host')) headers.push(['host', url.host]);
  return check({ method: request.method, target: `${url.pathname}${url.search}`, headers, body }, names);
}

function check(raw: Parameters<typeof checkRawRequest>[0], names: PublicNames): CheckedRequest {
  const checked = checkRawRequest(raw, names);
  // Whose HTTP can be read in two ways may have meant another place for the next request to begin.
  if (!checked.ok) throw new ProblemError(checked.code, checked.detail, { headers: { Connection: 'close' } });
  return checked;
}
