import { canonicalLog } from '../../http/canonical-log.ts';
import { checkHead } from '../../http/capture.ts';
import { ProblemError } from '../../http/problem.ts';
import { type DoorContext, RequestContext } from '../../http/request-context.ts';
import { IntentUndecidedError } from '../../intake/drive-intent.ts';
import { isUnavailable } from '../../redis/is-unavailable.ts';
import { noticePage } from './notice-page.ts';
import type { ReferralDeps } from './referral-deps.ts';

const RETRY = { 'retry-after': '2' };

/** A page's handler with what every door does around one: the log line, the metric, and faults told as a page. */
export function pageHandler(
  deps: ReferralDeps,
  route: string,
  handle: (c: DoorContext<never>) => Promise<Response>,
): (c: DoorContext<never>) => Promise<Response> {
  return async (c) => {
    const context = new RequestContext<never>(route);
    c.set('request', context);
    let response: Response;
    try {
      checkHead(c, deps.publicNames);
      response = await handle(c);
    } catch (error) {
      response = await faultPage(c, deps, context, error);
    }
    response.headers.set('sluice-request-id', context.id);
    const milliseconds = performance.now() - context.startedAt;
    deps.metrics.observeRequest('referral', c.req.method, route, response.status, milliseconds / 1_000);
    canonicalLog(deps.logger, 'referral', c.req.method, response.status, milliseconds, context);
    return response;
  };
}

/** A fault as the page that people are shown for it; what is no one's fault but ours is logged. */
export async function faultPage(
  c: DoorContext<never>,
  deps: Pick<ReferralDeps, 'logger'>,
  context: RequestContext<never>,
  error: unknown,
): Promise<Response> {
  if (error instanceof ProblemError) {
    context.code = error.code;
    if (error.code === 'dependency_unavailable') return noticePage(c, 503, 'trouble', error.headers ?? RETRY);
    const about = c.req.method === 'POST' ? 'tooLarge' : 'linkUnknown';
    return noticePage(c, error.code === 'body_too_large' ? 413 : 400, about, error.headers);
  }
  if (isUnavailable(error) || error instanceof IntentUndecidedError) {
    context.code = 'dependency_unavailable';
    return noticePage(c, 503, 'trouble', RETRY);
  }
  context.code = 'internal_error';
  deps.logger.error({ err: error, request_id: context.id, route: context.route }, 'fault');
  return noticePage(c, 500, 'trouble');
}
