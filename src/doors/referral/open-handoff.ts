import { createRoute, z } from '@hono/zod-openapi';
import type { DoorContext } from '../../http/request-context.ts';
import { isBot } from '../../intake/record-click.ts';
import { type Redeemed, redeemHandoff } from '../../intake/redeem-handoff.ts';
import { returnFromHandoff } from '../../intake/return-from-handoff.ts';
import { isSpeculative, userAgentOf } from './browser.ts';
import { handoffFormAddress } from './handoff-form.ts';
import { noticePage } from './notice-page.ts';
import { faultPage } from './page-handler.ts';
import type { ReferralDeps, ReferralDoor } from './referral-deps.ts';

const openRoute = createRoute({
  method: 'get',
  path: '/h/{token}',
  operationId: 'openHandoff',
  tags: ['Hand-offs'],
  summary: 'Open a hand-off',
  description:
    'Takes the applicant to the lender’s page, or to our own form where the product is applied for here (`apply_at: hosted`). Works once; bots and browsers that fetch ahead do not spend it.',
  security: [],
  request: {
    params: z.object({
      token: z
        .string()
        .openapi({ description: 'Of the hand-off’s address', example: '1f8a…', param: { name: 'token', in: 'path' } }),
    }),
  },
  responses: {
    200: { description: 'Not spent: a bot or a browser that fetches ahead, or the product takes nobody now (a page)' },
    302: { description: 'To the lender’s page, or our own form; `Cache-Control: no-store`' },
    410: { description: 'Used, or its time is over (a page for people)' },
    503: { description: 'The lender does not answer; the address stays good (a page for people)' },
  },
});

const returnRoute = createRoute({
  method: 'get',
  path: '/h/back/{handoff}',
  operationId: 'returnFromHandoff',
  tags: ['Hand-offs'],
  summary: 'Come back from the lender’s page',
  description:
    'Leads on to the partner’s return_url with `handoff`, `application_id` and `status` where there is an application of the partner’s, `ts` and `sig`.',
  security: [],
  request: {
    params: z.object({
      handoff: z
        .string()
        .openapi({ description: 'Made by us', example: 'hnd_1f8a….abc', param: { name: 'handoff', in: 'path' } }),
    }),
  },
  responses: {
    302: { description: 'To the partner' },
    404: { description: 'There is no such hand-off (a page for people)' },
  },
});

const NEVER_KEPT = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };

/** `GET /h/{token}` and the way back. */
export function registerOpenHandoff(door: ReferralDoor, deps: ReferralDeps): void {
  const { handoffs } = deps;
  const redeeming = { ...handoffs, formIsOpen: () => deps.otp !== null };
  // Before the token: `back` has not the shape of one.
  door.openapi(returnRoute, (c) => {
    const goBack = async (): Promise<Response> => {
      const location = await returnFromHandoff(handoffs, c.req.valid('param').handoff);
      if (location === undefined) return noticePage(c, 404, 'linkUnknown');
      return new Response(null, { status: 302, headers: { location, ...NEVER_KEPT } });
    };
    return goBack().catch((error: unknown) => faultPage(c, deps, c.get('request'), error));
  });
  door.openapi(openRoute, (c) => {
    const open = redeemHandoff(redeeming, c.req.valid('param').token, isSpeculative(c) || isBot(userAgentOf(c)));
    return open.then(
      (redeemed) => answer(c, deps, redeemed),
      (error: unknown) => faultPage(c, deps, c.get('request'), error),
    );
  });
}

function answer(c: DoorContext<never>, deps: ReferralDeps, redeemed: Redeemed): Response | Promise<Response> {
  switch (redeemed.kind) {
    case 'open':
      return new Response(null, { status: 302, headers: { location: redeemed.url, ...NEVER_KEPT } });
    case 'form': {
      const { location, setCookie } = handoffFormAddress(deps, redeemed.handoffId);
      return new Response(null, { status: 302, headers: { location, 'set-cookie': setCookie, ...NEVER_KEPT } });
    }
    case 'closed':
      return noticePage(c, 200, 'closed', NEVER_KEPT);
    case 'wait':
      return noticePage(c, 200, 'handoffWaits', NEVER_KEPT);
    case 'gone':
      return noticePage(c, 410, 'handoffGone', NEVER_KEPT);
    case 'unavailable':
      return noticePage(c, 503, 'trouble', { ...NEVER_KEPT, 'retry-after': '5' });
  }
}
