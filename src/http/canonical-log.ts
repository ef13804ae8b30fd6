import type { Logger } from 'pino';
import type { RequestContext } from './request-context.ts';

/**
 * The one line that is logged of a request: enough to find it and to explain it, nothing that names a person. The route's
 * pattern stands for the path and the query is left out, since both can carry references and tokens.
 * @param milliseconds from the first byte of the body wanted to the answer made
 */
export function canonicalLog(
  logger: Logger,
  door: string,
  method: string,
  status: number,
  milliseconds: number,
  context: RequestContext,
): void {
  const line = {
    request_id: context.id,
    door,
    method,
    route: context.route,
    status,
    code: context.code,
    party: context.caller?.label,
    key_id: context.caller?.keyId,
    ms: Math.round(milliseconds * 100) / 100,
    bytes_in: context.request?.body.length ?? 0,
    ...context.logFields,
  };
  if (status >= 500) logger.error(line, 'request');
  else logger.info(line, 'request');
}
