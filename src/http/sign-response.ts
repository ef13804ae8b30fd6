import { contentDigest } from '../trust/content-digest.ts';
import type { FieldLines } from '../trust/field-lines.ts';
import { fieldValue, toFieldLines } from '../trust/field-lines.ts';
import type { SigningKey } from '../trust/import-key.ts';
import type { PublicNames } from '../trust/public-names.ts';
import type { CheckedRequest } from '../trust/raw-request.ts';
import { type SignedAnswer, signAnswer } from '../trust/sign-answer.ts';
import { checkHead } from './capture.ts';
import { NO_BODY } from './read-body.ts';
import type { DoorContext } from './request-context.ts';

/**
 * A streamed answer is signed when it is at most this long: its digest stands in the head, so it has to be gathered first. A
 * longer one is streamed unsigned; the files that can be that long carry a signature of their own (statements).
 */
export const SIGNED_ANSWER_LIMIT_BYTES = 8 * 1_024 * 1_024;

/** Whether the request asks for a signed answer. Called for every answer: one look at headers that are parsed anyway. */
export function asksForSignature<P>(c: DoorContext<P>): boolean {
  const incoming = c.env?.incoming;
  if (incoming !== undefined) return incoming.headers['accept-signature'] !== undefined;
  return c.req.raw.headers.has('accept-signature');
}

/** An answer whose body is at hand, ready to be signed; `bytes` is undefined when it was too long to wait for. */
export interface GatheredAnswer {
  readonly response: Response;
  readonly bytes: Uint8Array | undefined;
}

/**
 * Reads the body of an answer, up to {@link SIGNED_ANSWER_LIMIT_BYTES}; an answer without its body for a longer one.
 * @throws what producing the body throws: nothing has been sent yet, so another answer can be given
 */
export async function gatherAnswer<P>(c: DoorContext<P>, response: Response): Promise<GatheredAnswer> {
  // What answers HEAD has no content, whatever GET would have (RFC 9110 §9.3.2); the framework leaves the body out.
  if (c.req.method === 'HEAD' || response.body === null) return { response, bytes: NO_BODY };
  const { status, headers } = response;
  const reader = response.body.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const chunk = toBytes(value);
    chunks.push(chunk);
    size += chunk.length;
    if (size > SIGNED_ANSWER_LIMIT_BYTES) {
      return { response: new Response(resumed(chunks, reader), { status, headers }), bytes: undefined };
    }
  }
  const [only] = chunks;
  const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, size);
  return { response: new Response(bytes as Uint8Array<ArrayBuffer>, { status, headers }), bytes };
}

function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError('an answer is streamed as bytes');
}

/** What was read already, then the rest as it comes. */
function resumed(chunks: readonly Uint8Array[], reader: ReadableStreamDefaultReader<unknown>): ReadableStream {
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      const ready = chunks[at];
      if (ready !== undefined) {
        at += 1;
        controller.enqueue(ready);
        return;
      }
      const { done, value } = await reader.read();
      if (done) controller.close();
      else controller.enqueue(toBytes(value));
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

export interface ResponseSigning {
  readonly key: SigningKey;
  readonly publicNames: PublicNames;
  /** The request as far as it is known; undefined when a stage before the door's failed. */
  readonly request: CheckedRequest | undefined;
  /** The caller wants every answer signed, whether a request asks or not. */
  readonly always: boolean;
}

/**
 * Signs an answer (RFC 9421 §2.4) by adding `Content-Digest`, `Signature-Input` and `Signature` to it. It has to be the last
 * thing that happens to the answer: all its header fields are set. What the server adds while sending (`Connection`,
 * framing) was not there to be covered.
 * @returns why there is no signature of the kind that was asked for; undefined when there is
 */
export function signResponse<P>(
  c: DoorContext<P>,
  { response, bytes }: GatheredAnswer,
  { key, publicNames, always, ...known }: ResponseSigning,
): string | undefined {
  const request = known.request ?? headOf(c, publicNames);
  if (request === undefined) return 'request_malformed';
  if (bytes === undefined) return 'answer_too_large';
  const { headers } = response;
  if (bytes.length > 0) {
    headers.set('Content-Digest', contentDigest(bytes));
    // Would be added on the way, so that it can be covered only when it is there now.
    headers.set('Content-Length', String(bytes.length));
    if (!headers.has('content-type')) headers.set('Content-Type', 'application/octet-stream');
  }
  const nowMs = Date.now();
  if (!headers.has('date')) headers.set('Date', new Date(nowMs).toUTCString());
  const answer = { kind: 'response', status: response.status, fields: fieldsOf(c, response), request } as const;
  const accept = fieldValue(request.fields, 'accept-signature');
  let signed: SignedAnswer = signAnswer(answer, key, accept, nowMs / 1_000);
  const ignored = signed.ok ? undefined : `${signed.code} ${asWarning(signed.about)}`;
  if (!signed.ok && always) signed = signAnswer(answer, key, undefined, nowMs / 1_000);
  if (signed.ok) {
    for (const [name, value] of Object.entries(signed.headers)) headers.set(name, value);
  }
  return ignored;
}

function headOf<P>(c: DoorContext<P>, publicNames: PublicNames): CheckedRequest | undefined {
  try {
    return checkHead(c, publicNames);
  } catch {
    return undefined;
  }
}

/** The header as it will be sent: on a socket, fields of the response replace those that were set on the way. */
function fieldsOf<P>(c: DoorContext<P>, { headers }: Response): FieldLines {
  const pairs: [string, string][] = [...headers];
  for (const [name, value] of Object.entries(c.env?.outgoing?.getHeaders() ?? {})) {
    if (value === undefined || headers.has(name)) continue;
    for (const line of Array.isArray(value) ? value : [String(value)]) pairs.push([name, line]);
  }
  return toFieldLines(pairs);
}

const MAX_WARNING_LENGTH = 128;

/** What came from the client, without what separates warnings. */
function asWarning(text: string): string {
  return text.slice(0, MAX_WARNING_LENGTH).replace(/[^\x21-\x7e]|[,%]/g, '_');
}
