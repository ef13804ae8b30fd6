import { generateKeyPairSync } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { pino } from 'pino';
import { createDoor, type Door, type DoorDeps } from '../../src/http/app.ts';
import { type SignedDeps, type SigningParty, signedBy } from '../../src/http/authenticate.ts';
import { idSchema, moneySchema, pathIdSchema } from '../../src/http/common-schemas.ts';
import { jsonBody } from '../../src/http/json-body.ts';
import { createMetrics } from '../../src/http/metrics.ts';
import { pageQuery } from '../../src/http/pagination.ts';
import { Perimeter } from '../../src/http/perimeter.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../src/http/problem-responses.ts';
import { partyOf, rawBodyOf } from '../../src/http/request-context.ts';
import type { Admissions } from '../../src/limits/admission.ts';
import { type SigningKey, verificationKeyOf } from '../../src/trust/import-key.ts';
import { toPublicNames } from '../../src/trust/public-names.ts';
import { signRequest } from '../../src/trust/sign-message.ts';

export const ORIGIN = 'https://gw.example';

const pair = generateKeyPairSync('ed25519');
export const acmeKey: SigningKey = { id: 'acme-ed', alg: 'ed25519', keyObject: pair.privateKey };
export const acme: SigningParty = { id: 'acme', allow_ips: [] };

export interface TinyOptions {
  readonly env?: 'sandbox' | 'live';
  readonly party?: SigningParty;
  readonly log?: string[];
  readonly admissions?: Admissions;
  readonly trustedProxies?: readonly string[];
  readonly origins?: readonly string[];
  /** What answers are signed with; absent = they are not. */
  readonly ourKeys?: DoorDeps['ourKeys'];
  /** As if the party's profile said so. */
  readonly alwaysSigned?: boolean;
}

export function tinyDeps(options: TinyOptions = {}): DoorDeps {
  const sink = { write: (line: string) => void options.log?.push(line) };
  return {
    env: options.env ?? 'sandbox',
    publicNames: toPublicNames(options.origins ?? [ORIGIN]),
    publicUrl: ORIGIN,
    logger: pino({ level: options.log === undefined ? 'silent' : 'info', base: null }, sink),
    metrics: createMetrics(),
    perimeter: new Perimeter(options.trustedProxies),
    ourKeys: options.ourKeys,
  };
}

/** Nonces of one process and no rate: a stand-in for the store at the edge of what these tests are about. */
export function memoryAdmissions(): Admissions {
  const seen = new Set<string>();
  return {
    async admit({ partyId, keyId, nonce, rate }) {
      const id = `${partyId} ${keyId} ${nonce}`;
      if (seen.has(id)) return { kind: 'replayed' };
      seen.add(id);
      return { kind: 'admitted', remaining: rate.burst - 1, fullInSeconds: 1 };
    },
  };
}

/** The same, for requests that somebody lets go on. */
export function admittedAfter(go: Promise<void>): Admissions {
  const admissions = memoryAdmissions();
  return { admit: (request) => go.then(() => admissions.admit(request)) };
}

const echoBody = z.strictObject({
  ref: z.string().min(1).max(8),
  amount: moneySchema.optional(),
  phone: z.union([z.string(), z.strictObject({ md5: z.string().length(4) })]).optional(),
  items: z.array(z.strictObject({ n: z.int() })).optional(),
});
const echoAnswer = z.object({ party: z.string(), got: echoBody });

const echo = createRoute({
  method: 'post',
  path: '/t/echo',
  operationId: 'echo',
  request: { body: jsonBody(echoBody, 'Anything') },
  responses: {
    200: { description: 'The same', content: { 'application/json': { schema: echoAnswer } } },
    ...problemResponses(...signedProblems, ...bodyProblems),
  },
});

const listed = createRoute({
  method: 'get',
  path: '/t/things',
  request: { query: z.strictObject({ ...pageQuery, owner: idSchema('app').optional() }) },
  responses: {
    200: { description: 'Limit', content: { 'application/json': { schema: z.object({ limit: z.int() }) } } },
  },
});

const one = createRoute({
  method: 'get',
  path: '/t/things/{id}',
  request: { params: z.object({ id: pathIdSchema('app') }) },
  responses: { 200: { description: 'Id', content: { 'application/json': { schema: z.object({ id: z.string() }) } } } },
});

const upload = createRoute({
  method: 'post',
  path: '/t/file',
  'x-max-body-bytes': 1_024 * 1_024,
  request: { body: { required: true, content: { 'text/csv': { schema: z.string() } } } },
  responses: { 200: { description: 'Bytes', content: { 'application/json': { schema: z.object({ n: z.int() }) } } } },
});

const open = createRoute({
  method: 'get',
  path: '/t/open',
  security: [],
  responses: {
    200: { description: 'Public', content: { 'application/json': { schema: z.object({ ok: z.boolean() }) } } },
  },
});

const fail = createRoute({
  method: 'get',
  path: '/t/fail/{how}',
  security: [],
  request: { params: z.object({ how: z.enum(['fault', 'redis']) }) },
  responses: { 200: { description: 'Never', content: { 'application/json': { schema: z.object({}) } } } },
});

/** A door with one operation of each kind, signed by `acme-ed`. */
export function createTinyDoor(options: TinyOptions = {}): Door<SigningParty> {
  const party = options.party ?? acme;
  const signed: SignedDeps<SigningParty> = {
    keys: { find: (id) => (id === acmeKey.id ? { key: verificationKeyOf(acmeKey), party } : undefined) },
    admissions: options.admissions ?? memoryAdmissions(),
  };
  const door = createDoor(
    { name: 'tiny', authenticate: signedBy(signed), alwaysSigned: () => options.alwaysSigned === true },
    tinyDeps(options),
  );
  door.openapi(echo, (c) => c.json({ party: partyOf(c).id, got: c.req.valid('json') }, 200));
  door.openapi(listed, (c) => c.json({ limit: c.req.valid('query').limit }, 200));
  door.openapi(one, (c) => c.json({ id: c.req.valid('param').id }, 200));
  door.openapi(upload, (c) => c.json({ n: rawBodyOf(c).length }, 200));
  door.openapi(open, (c) => c.json({ ok: true }, 200));
  door.openapi(fail, (c) => {
    const { how } = c.req.valid('param');
    throw how === 'redis' ? new Error('Connection is closed.') : new Error('the phone is 13800138000');
  });
  return door;
}

export interface SignedParts {
  readonly method?: string;
  readonly path: string;
  readonly body?: string;
  readonly headers?: Record<string, string>;
  readonly origin?: string;
  readonly nonce?: string;
  readonly key?: SigningKey;
}

/** Headers of a request that `acme` signs now. */
export function signedHeaders(parts: SignedParts): Record<string, string> {
  const type: Record<string, string> = parts.body === undefined ? {} : { 'content-type': 'application/json' };
  const headers = { ...type, ...parts.headers };
  const signature = signRequest({
    method: parts.method ?? (parts.body === undefined ? 'GET' : 'POST'),
    url: `${parts.origin ?? ORIGIN}${parts.path}`,
    headers,
    body: parts.body,
    key: parts.key ?? acmeKey,
    createdSeconds: Date.now() / 1_000,
    nonce: parts.nonce,
  });
  return { ...headers, ...signature };
}

/** Sends such a request to a door without a socket. */
export async function sendSigned(door: Door<SigningParty>, parts: SignedParts): Promise<Response> {
  return door.request(`${ORIGIN}${parts.path}`, {
    method: parts.method ?? (parts.body === undefined ? 'GET' : 'POST'),
    headers: signedHeaders(parts),
    body: parts.body,
  });
}
