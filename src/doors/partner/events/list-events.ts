import { createRoute } from '@hono/zod-openapi';
import { eventData } from '../../../delivery/delivery-views.ts';
import { readFeed } from '../../../delivery/feed/feed-reader.ts';
import { decodeCursor, encodeCursor, foreignCursor } from '../../../http/pagination.ts';
import { ProblemError } from '../../../http/problem.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { eventPageSchema, eventQuerySchema } from './event-schema.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/events',
  operationId: 'readEvents',
  tags: ['Events'],
  summary: 'What happened to what is yours, oldest first',
  description:
    'The same events that webhooks tell, pulled: no gaps, nothing twice, in order for each application. Keep `next_cursor` and ' +
    'ask again with it. A cursor that is older than what is kept is answered `cursor_expired`: events were missed.',
  request: { query: eventQuerySchema },
  responses: {
    200: viewAnswer(eventPageSchema, 'Events after the cursor'),
    ...problemResponses(...signedProblems, 'cursor_expired'),
  },
});

const POSITION = /^\d{1,15}-\d{1,9}$/;

export function registerListEvents(door: PartnerDoor, { delivery }: Pick<PartnerDeps, 'delivery'>): void {
  door.openapi(route, async (c) => {
    const { id, visibility } = partyOf(c);
    const { after: cursor, types, limit } = c.req.valid('query');
    const [after] = decodeCursor(cursor, 1, 'after') ?? [];
    if (after !== undefined && !POSITION.test(after)) throw foreignCursor('after');
    const page = await readFeed(delivery.feed, id, { after, types, visibility, limit });
    if (page.kind === 'expired') {
      throw new ProblemError(
        'cursor_expired',
        'events after this cursor were taken off the feed: begin without `after`',
      );
    }
    const things = await delivery.views.things(id, page.entries);
    const data = page.entries.map((entry, index) => {
      const { id: eventId, type, occurred_at, recorded_at, about } = entry;
      return { id: eventId, type, occurred_at, recorded_at, data: eventData(things[index] ?? { id: about }, entry) };
    });
    return c.json({ data, next_cursor: encodeCursor([page.next]) }, 200);
  });
}
