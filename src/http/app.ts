import { OpenAPIHono, type RouteConfig } from '@hono/zod-openapi';
import type { Handler } from 'hono';
import type { Logger } from 'pino';
import { ApplicationFullError } from '../applications/application-full-error.ts';
import { isUnavailable } from '../redis/is-unavailable.ts';
import type { CurrentKey } from '../trust/our-keys-ring.ts';
import type { PublicNames } from '../trust/public-names.ts';
import type { CheckedRequest } from '../trust/raw-request.ts';
import { acceptLanguage } from './accept-language.ts';
import type { Authenticator } from './authenticate.ts';
import { canonicalLog } from './canonical-log.ts';
import { captureRequest, checkHead } from './capture.ts';
import { LargeBodies } from './large-bodies.ts';
import type { Metrics } from './metrics.ts';
import { compileOperation, type Operation, validateRequest } from './operation.ts';
import { warningsHeader } from './parse-body.ts';
import type { Perimeter } from './perimeter.ts';
import { ProblemError, problemResponse } from './problem.ts';
import { violatedPolicies } from './rate-limit-fields.ts';
import { addWarning, type DoorContext, type DoorEnv, RequestContext } from './request-context.ts';
import { setHeader } from './set-header.ts';
import { asksForSignature, type GatheredAnswer, gatherAnswer, signResponse } from './sign-response.ts';

/** What every door needs of the gateway. Only read while a request is answered, never while routes are registered. */
export interface DoorDeps {
  readonly env: 'sandbox' | 'live';
  /** Names that may stand in `@authority`. */
  readonly publicNames: PublicNames;
  /** First public origin, without a slash at its end. */
  readonly publicUrl: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly perimeter: Perimeter;
  /** What answers are signed with. Absent: they are not, whoever asks. */
  readonly ourKeys?: CurrentKey;
}

export interface DoorSpec<P> {
  /** Label in logs and metrics. */
  readonly name: string;
  /** Absent = everything at this door is public. An operation with `security: []` is public at any door. */
  readonly authenticate?: Authenticator<P>;
  /** Turns strangers away by the head of a request, where the body is too large to be taken in from anybody. */
  readonly checkHead?: (head: CheckedRequest) => Promise<void>;
  /** Leaves successful requests out of the log: probes and assets. */
  readonly quiet?: boolean;
  /** Whether every answer to this party is signed; the others are when their request asks (RFC 9421 §5). */
  readonly alwaysSigned?: (party: P) => boolean;
}

/** A door: `door.openapi(route, handler)` registers an operation, handlers use `c.req.valid(…)` and throw problems. */
export type Door<P = never> = OpenAPIHono<DoorEnv<P>>;

/**
 * A door whose operations all pass the same stages: request id → size limit → raw capture → unambiguous HTTP → signature or
 * token → quota → nonce → media type → strict JSON → schema → handler → one line of log. Strangers are turned away before
 * anything is parsed or remembered for them.
 *
 * The stages are one function for each operation, composed when it is registered, instead of a chain of middleware: that
 * costs fewer closures and awaits for each request, and each stage knows what the route declares.
 */
export function createDoor<P = never>(spec: DoorSpec<P>, deps: DoorDeps): Door<P> {
  const door: Door<P> = new OpenAPIHono<DoorEnv<P>>();
  const register = ({ middleware, hide, ...route }: RouteConfig, handler: Handler, hook?: unknown): Door<P> => {
    if (middleware !== undefined || hook !== undefined) {
      throw new Error(`${route.method} ${route.path}: doors have no route middleware or hooks`);
    }
    if (hide !== true) door.openAPIRegistry.registerPath(route);
    const staged = stages(spec, deps, compileOperation(route), handler as Handler<DoorEnv<P>>);
    door.on([route.method.toUpperCase()], [route.path.replaceAll(/\/{(.+?)}/g, '/:$1')], staged);
    return door;
  };
  // The declared type of `openapi` stays: it types `c.req.valid()` and answers from the route.
  door.openapi = register as typeof door.openapi;
  door.notFound((c) => {
    const context = beginRequest(c, NO_ROUTE);
    return finish(c, context, spec, deps, errorResponse(c, context, deps, absence(c, door, deps)));
  });
  door.onError((error, c) => {
    const context = beginRequest(c, NO_ROUTE);
    return finish(c, context, spec, deps, errorResponse(c, context, deps, error));
  });
  return door;
}

const NO_ROUTE = '(none)';

function stages<P>(
  spec: DoorSpec<P>,
  deps: DoorDeps,
  operation: Operation,
  handler: Handler<DoorEnv<P>>,
): (c: DoorContext<P>) => Promise<Response> {
  const authenticate = operation.isPublic ? undefined : spec.authenticate;
  return async (c) => {
    const context = beginRequest(c, operation.route);
    let response: Response;
    let release: (() => void) | undefined;
    try {
      if (authenticate !== undefined) deps.perimeter.assertOpen(c);
      if (operation.isLarge) release = await admitLarge(c, spec, deps, operation);
      const captured = captureRequest(c, deps.publicNames, operation.maxBodyBytes);
      const request = captured instanceof Promise ? await captured : captured;
      context.request = request;
      if (authenticate !== undefined) {
        context.caller = await authenticate(c, request, deps.perimeter);
        deps.perimeter.succeeded(c, context.caller.keyId);
      }
      validateRequest(c, operation, request, deps.env);
      response = await handler(c, noNext);
    } catch (error) {
      if (authenticate !== undefined && context.caller === undefined) deps.perimeter.failed(c, error);
      countLimited(spec, deps, context, error);
      response = errorResponse(c, context, deps, error);
    }
    release?.();
    return finish(c, context, spec, deps, response);
  };
}

/** One for all doors: it is the memory of the process. */
const largeBodies = new LargeBodies();

/** @returns gives the place back that the body takes */
async function admitLarge<P>(
  c: DoorContext<P>,
  spec: DoorSpec<P>,
  deps: DoorDeps,
  { isPublic, maxBodyBytes }: Operation,
): Promise<() => void> {
  if (!isPublic) await spec.checkHead?.(checkHead(c, deps.publicNames));
  const length = c.req.header('content-length');
  const isChunked = length === undefined && c.req.header('transfer-encoding') !== undefined;
  return largeBodies.hold(isChunked ? undefined : (length ?? '0'), maxBodyBytes);
}

function countLimited<P>(spec: DoorSpec<P>, deps: DoorDeps, context: RequestContext<P>, error: unknown): void {
  if (!(error instanceof ProblemError) || error.code !== 'rate_limited') return;
  for (const policy of violatedPolicies(error)) deps.metrics.countLimited(policy, spec.name, context.caller?.label);
}

async function noNext(): Promise<void> {}

function beginRequest<P>(c: DoorContext<P>, route: string): RequestContext<P> {
  const context = new RequestContext<P>(route);
  c.set('request', context);
  return context;
}

/**
 * Three tiers: a problem is told; a store that cannot be used now is 503 and worth a retry; anything else is a fault of ours,
 * logged in full and told without its message.
 */
function errorResponse<P>(c: DoorContext<P>, context: RequestContext<P>, deps: DoorDeps, error: unknown): Response {
  const problem = toProblem(error);
  context.code = problem.code;
  if (problem.code === 'internal_error' && error !== problem) {
    deps.logger.error({ err: error, request_id: context.id, route: context.route }, 'fault');
  }
  const language = acceptLanguage(c.req.header('accept-language'));
  const isUnsigned = problem.headers?.['Accept-Signature'] !== undefined;
  const help = isUnsigned && deps.env === 'sandbox' ? `${deps.publicUrl}${SIGNATURE_HELP}` : undefined;
  return problemResponse(problem, { publicUrl: deps.publicUrl, requestId: context.id, language, help });
}

/** Where the sandbox says how to have a refused signature explained. */
const SIGNATURE_HELP = '/docs/guide/signing#diagnosis';
const RETRY_AFTER_SECONDS = '1';

function toProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error instanceof ApplicationFullError) return new ProblemError('limit_reached', error.message);
  if (isUnavailable(error)) {
    return new ProblemError('dependency_unavailable', undefined, { headers: { 'Retry-After': RETRY_AFTER_SECONDS } });
  }
  return new ProblemError('internal_error');
}

/** Why nothing answers to this request: ambiguous HTTP, a path with other methods, or no such path. */
function absence<P>(c: DoorContext<P>, door: Door<P>, deps: DoorDeps): unknown {
  try {
    checkHead(c, deps.publicNames);
  } catch (error) {
    return error;
  }
  const allowed = METHODS.filter((method) => door.router.match(method, c.req.path)[0].length > 0);
  if (allowed.length === 0) return new ProblemError('not_found', 'nothing is at this path');
  return new ProblemError('method_not_allowed', undefined, { headers: { Allow: allowed.join(', ') } });
}

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

/** Headers that every answer has, its signature where one is wanted, the log line and the metric. */
function finish<P>(
  c: DoorContext<P>,
  context: RequestContext<P>,
  spec: DoorSpec<P>,
  deps: DoorDeps,
  response: Response,
): Response | Promise<Response> {
  if (deps.ourKeys !== undefined) {
    const always = context.caller !== undefined && spec.alwaysSigned?.(context.caller.party) === true;
    const isWanted = always || asksForSignature(c);
    if (isWanted && isTurnedAway(context)) addWarning(c, 'accept_signature_ignored rate_limited');
    else if (isWanted) {
      return finishSigned(c, context, spec, deps, response, { ourKeys: deps.ourKeys, always });
    }
  }
  setAnswerHeaders(c, context, spec, response);
  return conclude(c, context, spec, deps, response);
}

/** Whom the perimeter keeps out gets no signature either: nothing of his may cost us more than a look into a table. */
function isTurnedAway<P>({ code, caller }: RequestContext<P>): boolean {
  return code === 'rate_limited' && caller === undefined;
}

/**
 * The same for an answer that is to be signed: its body is gathered first, since what breaks off on the way can still become
 * a problem; the signature comes last, over the header as it will be sent.
 */
async function finishSigned<P>(
  c: DoorContext<P>,
  context: RequestContext<P>,
  spec: DoorSpec<P>,
  deps: DoorDeps,
  response: Response,
  { ourKeys, always }: { readonly ourKeys: CurrentKey; readonly always: boolean },
): Promise<Response> {
  let gathered: GatheredAnswer;
  try {
    gathered = await gatherAnswer(c, response);
  } catch (error) {
    gathered = await gatherAnswer(c, errorResponse(c, context, deps, error));
  }
  setAnswerHeaders(c, context, spec, gathered.response);
  let ignored: string | undefined;
  try {
    const { signingKey: key } = ourKeys.current();
    ignored = signResponse(c, gathered, { key, publicNames: deps.publicNames, request: context.request, always });
  } catch (error) {
    // What was done is done, and its answer worth more than the signature on it.
    deps.logger.error({ err: error, request_id: context.id, route: context.route }, 'an answer could not be signed');
    ignored = 'internal_error';
  }
  if (ignored !== undefined) {
    addWarning(c, `accept_signature_ignored ${ignored}`);
    gathered.response.headers.delete('Sluice-Warnings');
    setWarnings(c, context, gathered.response);
  }
  return conclude(c, context, spec, deps, gathered.response);
}

function setAnswerHeaders<P>(
  c: DoorContext<P>,
  context: RequestContext<P>,
  spec: DoorSpec<P>,
  response: Response,
): void {
  setHeader(c, response, 'Sluice-Request-Id', context.id);
  if (spec.authenticate !== undefined) setHeader(c, response, 'Cache-Control', 'no-store');
  if (context.headers !== undefined) {
    for (const [name, value] of context.headers) setHeader(c, response, name, value);
  }
  setWarnings(c, context, response);
}

function setWarnings<P>(c: DoorContext<P>, context: RequestContext<P>, response: Response): void {
  const warnings = warningsHeader(context.unknownFields, context.warnings);
  if (warnings !== undefined) setHeader(c, response, 'Sluice-Warnings', warnings);
}

function conclude<P>(
  c: DoorContext<P>,
  context: RequestContext<P>,
  spec: DoorSpec<P>,
  deps: DoorDeps,
  response: Response,
): Response {
  const { status } = response;
  const { method } = c.req;
  const milliseconds = performance.now() - context.startedAt;
  deps.metrics.observeRequest(spec.name, method, context.route, status, milliseconds / 1_000);
  if (spec.quiet !== true || status >= 500) canonicalLog(deps.logger, spec.name, method, status, milliseconds, context);
  return response;
}
