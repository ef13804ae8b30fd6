import { createRoute, z } from '@hono/zod-openapi';
import { isClickId } from '../../attribution/clicks/click-id.ts';
import type { DoorContext } from '../../http/request-context.ts';
import { findLink, type LinkTarget } from '../../intake/find-link.ts';
import { pageGaps } from '../../intake/page-gaps.ts';
import { agreementsOf, shownDigest } from './agreements.ts';
import { applyPage } from './apply-view.ts';
import { type FormHandoff, newForm, sealForm, sealResult } from './form-token.ts';
import { formHandoff, isHandoff, maskedPrefill, openPrefill } from './handoff-form.ts';
import { isClosedNow } from './is-closed-now.ts';
import { languageOf, noticePage } from './notice-page.ts';
import { pageHandler } from './page-handler.ts';
import { openVisit } from './page-visit.ts';
import { codeParamSchema } from './params.ts';
import type { ReferralDeps, ReferralDoor } from './referral-deps.ts';
import { submitForm } from './submit-form.ts';

const ROUTE = '/apply/{code}';
const request = {
  params: z.object({ code: codeParamSchema }),
  query: z.object({
    click: z.string().optional().openapi({
      description: 'The click that led here, `clk_…`',
      example: 'clk_1f8ac10f23c5b5bc1167bda84b833e5c',
    }),
    lang: z
      .enum(['zh', 'en'])
      .optional()
      .openapi({ description: 'Language; else Accept-Language decides', example: 'zh' }),
  }),
};

const showRoute = createRoute({
  method: 'get',
  operationId: 'showApplyPage',
  path: ROUTE,
  summary: 'Hosted application form',
  description: 'A page for people, which works without script too. Without a click it leads through `/r/{code}` first.',
  tags: ['Links'],
  security: [],
  request,
  responses: {
    200: { description: 'The form' },
    302: { description: 'To `/r/{code}`' },
    404: { description: 'No such link' },
    410: { description: 'The form of a hand-off that is over, or was opened in another browser' },
  },
});

const submitRoute = createRoute({
  method: 'post',
  operationId: 'submitApplyPage',
  path: ROUTE,
  summary: 'Send the form',
  description:
    'Two posts: `step=otp` sends a code to the phone, `step=apply` applies. Each carries the hidden input `form` of the page before.',
  tags: ['Links'],
  security: [],
  request: {
    ...request,
    body: {
      required: true,
      content: {
        'application/x-www-form-urlencoded': {
          schema: z.object({
            step: z.enum(['otp', 'apply']).openapi({ description: 'What to do', example: 'otp' }),
            form: z.string().openapi({ description: 'The hidden input, as given', example: 's1.kYt3…' }),
            name: z.string().openapi({ description: 'Name as on the identity document', example: '张三' }),
            id_number: z.string().openapi({ description: 'Identity document number', example: '11010519491231002X' }),
            phone: z.string().openapi({ description: 'Mobile phone number', example: '13800138000' }),
            otp: z.string().openapi({ description: 'The code, with step=apply', example: '000000' }),
            amount: z.string().openapi({ description: 'Major units', example: '5000' }),
            term: z.string().openapi({ description: 'In the product’s unit', example: '12' }),
            purpose: z.string().openapi({ description: 'One of the product’s purposes', example: 'consumption' }),
            consent: z.string().openapi({ description: 'One for each agreement, or one for all', example: 'on' }),
          }),
        },
      },
    },
  },
  responses: {
    200: { description: 'The form, with the input for the code' },
    303: { description: 'To the result' },
    403: { description: 'Sent from another site’s page (a page for people)' },
    429: { description: 'The form; the last code was sent a moment ago' },
    422: { description: 'The form, with what is wrong beside each input' },
  },
});

/** `GET` and `POST /apply/{code}`. */
export function registerApply(door: ReferralDoor, deps: ReferralDeps): void {
  door.openAPIRegistry.registerPath(showRoute);
  door.openAPIRegistry.registerPath(submitRoute);
  door.on(
    ['GET'],
    ['/apply/:code'],
    pageHandler(deps, ROUTE, (c) => withTarget(c, deps, showForm)),
  );
  door.on(
    ['POST'],
    ['/apply/:code'],
    pageHandler(deps, ROUTE, (c) => withTarget(c, deps, submitForm)),
  );
}

type TargetHandler = (
  c: DoorContext<never>,
  deps: ReferralDeps,
  target: LinkTarget,
  handoff?: FormHandoff,
) => Promise<Response>;

async function withTarget(c: DoorContext<never>, deps: ReferralDeps, handle: TargetHandler): Promise<Response> {
  const code = c.req.param('code') ?? '';
  if (isHandoff(code)) return withHandoff(c, deps, code, handle);
  const target = await findLink(deps.page.registry(), deps.click.links, code);
  return target === undefined ? noticePage(c, 404, 'linkUnknown') : handle(c, deps, target);
}

/** The same form for somebody who was handed over; who has applied already is shown what came of it. */
async function withHandoff(
  c: DoorContext<never>,
  deps: ReferralDeps,
  handoffId: string,
  handle: TargetHandler,
): Promise<Response> {
  const opened = await openPrefill(c, deps, handoffId);
  if (opened === undefined) return noticePage(c, 410, 'handoffGone');
  if (opened.appliedAs === null) {
    return handle(c, deps, opened.target, formHandoff(opened, deps.page.clock.nowMs()));
  }
  const location = `/apply/${handoffId}/result?t=${sealResult(deps.sealer, opened.appliedAs)}&lang=${languageOf(c)}`;
  return new Response(null, { status: 303, headers: { location, 'cache-control': 'no-store' } });
}

async function showForm(
  c: DoorContext<never>,
  deps: ReferralDeps,
  target: LinkTarget,
  handoff?: FormHandoff,
): Promise<Response> {
  const click = handoff === undefined ? (c.req.query('click') ?? '') : null;
  // Somebody who shares the form's address instead of the link's: the way in is the same for everybody.
  if (click !== null && !isClickId(click)) {
    const location = `/r/${encodeURIComponent(target.code)}`;
    return new Response(null, { status: 302, headers: { location, 'cache-control': 'no-store' } });
  }
  const registry = deps.page.registry();
  if (target.paused !== undefined) return noticePage(c, 200, 'linkPaused');
  if (deps.otp === null || isClosedNow(deps, target)) return noticePage(c, 200, 'closed');
  const gaps = pageGaps(target.product.requirements, deps.page.verifier !== undefined);
  if (gaps.length > 0) return noticePage(c, 200, 'notHere');
  const language = languageOf(c);
  const agreements = agreementsOf(registry, target.product, language);
  const shown = shownDigest(target.product, agreements);
  const { variant, load } = await openVisit(c, deps, target, click, language);
  return applyPage({
    registry,
    target,
    language,
    token: sealForm(deps.sealer, { ...newForm(target.code, click, handoff), shown, load }),
    clickId: click,
    agreements,
    shown,
    typed: {},
    ticked: new Set(),
    faults: {},
    sentTo: null,
    known: maskedPrefill({ handoff }),
    isVerified: handoff?.phoneVerifiedAt != null,
    waitSeconds: 0,
    isSandbox: deps.otp.knownCode !== null,
    variant,
    load,
    nowMs: deps.page.clock.nowMs(),
  });
}
