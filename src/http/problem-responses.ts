import { problemSchema } from './common-schemas.ts';
import { type ProblemCode, problems } from './problem-catalogue.ts';

type StatusOf<Code extends ProblemCode> = (typeof problems)[Code]['status'];

interface ProblemResponse {
  readonly description: string;
  readonly headers?: Record<string, ResponseHeader>;
  readonly content: { readonly 'application/problem+json': { readonly schema: typeof problemSchema } };
}

/**
 * The `responses` of a route that these problems make: one for each status, its codes in the description.
 * @example responses: { 200: …, ...problemResponses(...signedProblems, 'not_found') }
 */
export function problemResponses<const Codes extends readonly ProblemCode[]>(
  ...codes: Codes
): { [Code in Codes[number] as StatusOf<Code>]: ProblemResponse } {
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set(codes)) {
    const { status } = problems[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const responses = [...byStatus].map(([status, same]): [number, ProblemResponse] => {
    const description = same.map((code) => `\`${code}\`: ${problems[code].title.en}`).join('. ');
    const headers = headersOf(status, same);
    return [
      status,
      {
        description,
        ...(headers === undefined ? {} : { headers }),
        content: { 'application/problem+json': { schema: problemSchema } },
      },
    ];
  });
  return Object.fromEntries(responses) as { [Code in Codes[number] as StatusOf<Code>]: ProblemResponse };
}

/** A header of an answer, as the OpenAPI describes it. */
export type ResponseHeader = {
  readonly description: string;
  readonly schema: { type: 'string' | 'integer'; example: string | number };
};

const RETRY_AFTER: ResponseHeader = {
  description: 'Seconds to wait before trying again',
  schema: { type: 'integer', example: 1 },
};
const RATE_LIMIT_POLICY: ResponseHeader = {
  description: 'Your limits (draft-ietf-httpapi-ratelimit-headers); on every answer to a signed request',
  schema: {
    type: 'string',
    example: '"requests";q=1000;w=2, "probes";q=5000000;w=86400, "applications";q=50000;w=86400',
  },
};
const RATE_LIMIT: ResponseHeader = {
  description: 'What is left of them, and seconds until more is; on every answer to a signed request',
  schema: { type: 'string', example: '"requests";r=0;t=1' },
};
const ACCEPT_SIGNATURE: ResponseHeader = {
  description: 'What to sign (RFC 9421 §5), with a nonce that may be used; add your keyid',
  schema: {
    type: 'string',
    example: 'sig=("@method" "@authority" "@path");created;expires;nonce="u1Yw0Xk2bQ9cJb3m1m9yCg";tag="sluice"',
  },
};
const WWW_AUTHENTICATE: ResponseHeader = {
  description: 'Which kind of token is wanted (RFC 6750)',
  schema: { type: 'string', example: 'Bearer realm="sluice"' },
};

function headersOf(status: number, codes: readonly ProblemCode[]): ProblemResponse['headers'] {
  if (status === 429) {
    return { 'Retry-After': RETRY_AFTER, RateLimit: RATE_LIMIT, 'RateLimit-Policy': RATE_LIMIT_POLICY };
  }
  if (status === 503) return { 'Retry-After': RETRY_AFTER };
  if (status !== 401) return undefined;
  return codes.includes('unauthorized')
    ? { 'WWW-Authenticate': WWW_AUTHENTICATE }
    : { 'Accept-Signature': ACCEPT_SIGNATURE };
}

/** `headers` of an answer that a retry gets too. */
export const replayHeaders: Record<string, ResponseHeader> = {
  'Idempotent-Replayed': {
    description: '`true` when this reference was answered before: nothing was done again',
    schema: { type: 'string', example: 'true' },
  },
};

/** Every operation may answer these. */
export const commonProblems = [
  'request_malformed',
  'rate_limited',
  'internal_error',
  'dependency_unavailable',
] as const;

/** Those of an operation that wants a signed request. */
export const signedProblems = [
  ...commonProblems,
  'signature_missing',
  'signature_malformed',
  'signature_incomplete',
  'signature_expired',
  'signature_from_future',
  'signature_invalid',
  'digest_mismatch',
  'signature_replayed',
  'key_unknown',
  'forbidden',
  'validation_failed',
] as const;

/** Those of an operator's operation. */
export const operatorProblems = [...commonProblems, 'unauthorized', 'forbidden', 'validation_failed'] as const;

/** Further ones of an operation that takes a JSON body. */
export const bodyProblems = [
  'json_invalid',
  'json_duplicate_key',
  'body_too_large',
  'unsupported_media_type',
  'validation_failed',
] as const;
