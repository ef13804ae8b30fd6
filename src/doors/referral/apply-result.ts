import { createRoute, z } from '@hono/zod-openapi';
import { addLogFields, type DoorContext } from '../../http/request-context.ts';
import { handOnward } from '../../intake/hand-onward.ts';
import { answerOnPage } from './answer-on-page.ts';
import { userAgentOf } from './browser.ts';
import { languageOf, noticePage } from './notice-page.ts';
import { deviceOf, wayOnward } from './onward.ts';
import { pageHandler } from './page-handler.ts';
import { codeParamSchema } from './params.ts';
import type { ReferralDeps, ReferralDoor } from './referral-deps.ts';
import { loadResult, showResult } from './show-result.ts';

const ROUTE = '/apply/{code}/result';
const ONWARD_ROUTE = '/apply/{code}/onward';
const TOO_MANY = 429;
const NOT_FOUND = 404;

const request = {
  params: z.object({ code: codeParamSchema }),
  query: z.object({
    t: z.string().openapi({ description: 'Sealed name of the application', example: 's1.kYt3…' }),
    lang: z.enum(['zh', 'en']).optional().openapi({ description: 'Language', example: 'zh' }),
  }),
};

const showRoute = createRoute({
  method: 'get',
  operationId: 'showApplyResult',
  path: ROUTE,
  summary: 'Where an application stands',
  description:
    'A page for the applicant, who was sent here with a sealed token: where the application stands, what comes next, and a form for what the lender asks for. Keeps itself up to date until there is a decision.',
  tags: ['Links'],
  security: [],
  request: {
    ...request,
    query: request.query.extend({
      seen: z.string().optional().openapi({
        description: 'State that the page shows already; then 204 while it is still the same',
        example: '7',
      }),
    }),
  },
  responses: {
    200: { description: 'The page' },
    204: { description: 'Nothing has changed since `seen`' },
    404: { description: 'No such application, or its address is too old (a page for people)' },
  },
});

const answerRoute = createRoute({
  method: 'post',
  operationId: 'answerOnResultPage',
  path: ROUTE,
  summary: 'Do what the lender asks for',
  description:
    'The form of the result page: fields by their catalogue name and files (`document.<kind>`), a code, agreements, a card. Files come as `multipart/form-data`.',
  tags: ['Links'],
  security: [],
  request: {
    ...request,
    body: {
      required: true,
      content: {
        'application/x-www-form-urlencoded': {
          schema: z.object({
            action: z
              .string()
              .openapi({ description: 'Id of the action', example: 'act_1f8ac10f23c5b5bc1167bda84b833e5c' }),
            do: z.enum(['answer', 'resend', 'bind']).openapi({ description: 'What to do', example: 'answer' }),
          }),
        },
      },
    },
  },
  responses: {
    303: { description: 'Back to the page' },
    403: { description: 'Sent from another site’s page (a page for people)' },
    404: { description: 'No such application (a page for people)' },
    422: { description: 'The page, with what is wrong beside each input' },
  },
});

const onwardRoute = createRoute({
  method: 'get',
  operationId: 'goOnward',
  path: ONWARD_ROUTE,
  summary: 'Go on to the lender',
  description:
    'The button of the result page where the product hands applicants over: makes a hand-off for this application and leads to it.',
  tags: ['Links'],
  security: [],
  request,
  responses: {
    302: { description: 'To the hand-off; `Cache-Control: no-store`' },
    404: { description: 'No such application, or there is no way onward (a page for people)' },
    429: { description: 'Tapped more often today than anybody needs (a page for people)' },
  },
});

/** `GET` and `POST /apply/{code}/result`, `GET /apply/{code}/onward`. */
export function registerApplyResult(door: ReferralDoor, deps: ReferralDeps): void {
  for (const route of [showRoute, answerRoute, onwardRoute]) door.openAPIRegistry.registerPath(route);
  door.on(
    ['GET'],
    ['/apply/:code/result'],
    pageHandler(deps, ROUTE, async (c) => {
      const result = await loadResult(c, deps);
      return result === undefined ? noticePage(c, NOT_FOUND, 'resultGone') : showResult(c, deps, result);
    }),
  );
  door.on(
    ['POST'],
    ['/apply/:code/result'],
    pageHandler(deps, ROUTE, (c) => answerOnPage(c, deps)),
  );
  door.on(
    ['GET'],
    ['/apply/:code/onward'],
    pageHandler(deps, ONWARD_ROUTE, (c) => goOnward(c, deps)),
  );
}

/** A hand-off is made when it is wanted and not before: its time is short. */
async function goOnward(c: DoorContext<never>, deps: ReferralDeps): Promise<Response> {
  const result = await loadResult(c, deps);
  if (result === undefined) return noticePage(c, NOT_FOUND, 'resultGone');
  const { application, product, address } = result;
  const way = wayOnward(product.onward, application, deviceOf(userAgentOf(c)));
  const back = `${deps.publicUrl}${address(languageOf(c))}&stay=1`;
  const token = way?.to === 'handoff' ? await handOnward(deps.handoffs, application, back) : undefined;
  if (token === undefined) return noticePage(c, NOT_FOUND, 'resultGone');
  if (token === 'too_many') return noticePage(c, TOO_MANY, 'trouble');
  addLogFields(c, { application_id: application.id });
  const headers = { location: `/h/${token}`, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };
  return new Response(null, { status: 302, headers });
}
