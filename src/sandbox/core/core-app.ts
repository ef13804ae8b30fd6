import type { HttpBindings } from '@hono/node-server';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import type { OurSignatureVerifier } from '../verify-our-signature.ts';
import { answerPrecheck } from './answer-precheck.ts';
import { answerQuote } from './answer-quote.ts';
import type { CoreOperation, SandboxCoreDeps } from './core-reply.ts';
import { handoffPage } from './handoff-page.ts';
import { takeAction, takeCancellation, takeCard, takeLoan, takeRepayment, takeSupplement } from './messages.ts';
import { openHandoff, readHandoff } from './open-handoff.ts';
import { readStates } from './read-states.ts';
import { takeApplication } from './take-application.ts';

export interface CoreAppDeps {
  readonly verifier: OurSignatureVerifier;
  /** `http://127.0.0.1:<port>`. */
  readonly origin: () => string;
  readonly coreOf: (lenderId: string) => SandboxCoreDeps | undefined;
  /** Something was taken: there may be something to report. */
  readonly taken: () => void;
  readonly failed: (error: unknown) => void;
}

type Bindings = { Bindings: HttpBindings };

const OPERATIONS: Readonly<Record<string, CoreOperation>> = {
  applications: takeApplication,
  prechecks: answerPrecheck,
  loans: takeLoan,
  quotes: answerQuote,
  supplements: takeSupplement,
  actions: takeAction,
  cards: takeCard,
  repayments: takeRepayment,
  cancellations: takeCancellation,
  handoffs: openHandoff,
};
const BODY_MAX_BYTES = 1024 * 1024;
const PAGE_HEADERS = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/**
 * The HTTP side of the lenders that we play: the core's operations, signed by the gateway; the page of a hand-off; and for
 * tests what a lender believes, as lines of JSON.
 */
export function createCoreApp(deps: CoreAppDeps): Hono<Bindings> {
  const app = new Hono<Bindings>();
  app.post('/cores/:lenderId/:operation', bodyLimit({ maxSize: BODY_MAX_BYTES }), (c) => {
    return takePost(deps, c, c.req.param('lenderId'), c.req.param('operation'));
  });
  app.get('/cores/:lenderId/state', async (c) => {
    const core = deps.coreOf(c.req.param('lenderId'));
    if (!core) return c.json({ code: 'not_found' }, 404);
    const { application_id, after, limit } = c.req.query();
    const { lines, next } = await readStates(core, { applicationId: application_id, after, limit });
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    return c.text(text, 200, {
      'content-type': 'application/x-ndjson',
      ...(next === null ? {} : { 'next-after': next }),
    });
  });
  app.get('/cores/:lenderId/pages/:id', async (c) => {
    const core = deps.coreOf(c.req.param('lenderId'));
    const shown = core && (await readHandoff(core, c.req.param('id')));
    if (!shown) return c.json({ code: 'not_found' }, 404);
    const wanted = c.req.query('lang') ?? c.req.header('accept-language') ?? '';
    return c.html(handoffPage(shown, wanted.toLowerCase().startsWith('zh') ? 'zh' : 'en'), 200, PAGE_HEADERS);
  });
  app.onError((error, c) => {
    deps.failed(error);
    return c.json({ code: 'unavailable' }, 503);
  });
  return app;
}

async function takePost(
  { verifier, origin, coreOf, taken }: CoreAppDeps,
  c: Context<Bindings>,
  lenderId: string,
  name: string,
): Promise<Response> {
  const core = coreOf(lenderId);
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (!core || !operation) return c.json({ code: 'not_found' }, 404);
  const body = new Uint8Array(await c.req.arrayBuffer());
  const check = await verifier.check(rawRequest(c, body), origin());
  if (!check.ok) {
    return c.json({ code: check.code, detail: check.detail }, check.code === 'unavailable' ? 503 : 401);
  }
  const json = parseJson(body);
  if (json === undefined) return c.json({ code: 'json_invalid' }, 400);
  const deliveryId = (json as { delivery_id?: unknown }).delivery_id;
  if (c.req.header('idempotency-key') !== deliveryId) return c.json({ code: 'idempotency_key_mismatch' }, 422);
  const reply = await operation(core, json);
  taken();
  return c.json(reply.body, reply.status);
}

function rawRequest(c: Context<Bindings>, body: Uint8Array) {
  const { method = '', url = '', rawHeaders } = c.env.incoming;
  const headers: [string, string][] = [];
  for (let at = 0; at < rawHeaders.length; at += 2) headers.push([rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '']);
  return { method, target: url, headers, body };
}

function parseJson(body: Uint8Array): object | undefined {
  try {
    const json: unknown = JSON.parse(Buffer.from(body).toString('utf8'));
    return typeof json === 'object' && json !== null ? json : undefined;
  } catch {
    return undefined;
  }
}
