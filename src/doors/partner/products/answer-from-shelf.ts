import type { Language } from '../../../http/accept-language.ts';
import { isKnownTag } from '../../../http/entity-tag.ts';
import type { DoorContext } from '../../../http/request-context.ts';
import type { TrafficPartner } from '../../../registry/schema/traffic-partner.ts';
import type { ShelfAnswer } from './shelf.ts';

/** The answer, or 304 when the partner has this very one. */
export function answerFromShelf(
  c: DoorContext<TrafficPartner>,
  { body, etag }: ShelfAnswer,
  language: Language,
): Response {
  const headers = {
    etag,
    'cache-control': 'private, no-cache',
    vary: 'Accept-Language',
    'content-language': language,
  };
  if (isKnownTag(c.req.header('if-none-match'), etag)) return new Response(null, { status: 304, headers });
  return new Response(body, { headers: { ...headers, 'content-type': 'application/json' } });
}
