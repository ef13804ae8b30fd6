import { createRoute, z } from '@hono/zod-openapi';
import { isId } from '../../base/ids.ts';
import type { DoorContext } from '../../http/request-context.ts';
import { findLink, type LinkTarget } from '../../intake/find-link.ts';
import { pageGaps } from '../../intake/page-gaps.ts';
import { agreementsOf } from './agreements.ts';
import { applyPage } from './apply-view.ts';
import { newForm, sealForm } from './form-token.ts';
import { isClosedNow } from './is-closed-now.ts';
import { languageOf, noticePage } from './notice-page.ts';
import { pageHandler } from './page-handler.ts';
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
  description: 'A page for people, without script. Without a click it leads through `/r/{code}` first.',
  tags: ['Links'],
  security: [],
  request,
  responses: {
    200: { description: 'The form' },
    302: { description: 'To `/r/{code}`' },
    404: { description: 'No such link' },
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

type TargetHandler = (c: DoorContext<never>, deps: ReferralDeps, target: LinkTarget) => Promise<Response>;

async function withTarget(c: DoorContext<never>, deps: ReferralDeps, handle: TargetHandler): Promise<Response> {
  const target = await findLink(deps.page.registry(), deps.click.links, c.req.param('code') ?? '');
  return target === undefined ? noticePage(c, 404, 'linkUnknown') : handle(c, deps, target);
}

async function showForm(c: DoorContext<never>, deps: ReferralDeps, target: LinkTarget): Promise<Response> {
  const click = c.req.query('click') ?? '';
  // Somebody who shares the form's address instead of the link's: the way in is the same for everybody.
  if (!isId('clk', click)) {
    const location = `/r/${encodeURIComponent(target.code)}`;
    return new Response(null, { status: 302, headers: { location, 'cache-control': 'no-store' } });
  }
  const registry = deps.page.registry();
  if (deps.otp === null || isClosedNow(deps, target)) return noticePage(c, 200, 'closed');
  const gaps = pageGaps(target.product.requirements, deps.page.verifier !== undefined);
  if (gaps.length > 0) return noticePage(c, 200, 'notHere');
  const language = languageOf(c);
  return applyPage({
    registry,
    target,
    language,
    token: sealForm(deps.sealer, newForm(target.code, click)),
    clickId: click,
    agreements: agreementsOf(registry, target.product, language),
    typed: {},
    isAgreed: false,
    faults: {},
    sentTo: null,
    isSandbox: deps.env === 'sandbox',
  });
}
