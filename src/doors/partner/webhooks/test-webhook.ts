import { createRoute, z } from '@hono/zod-openapi';
import { ProblemError } from '../../../http/problem.ts';
import { problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { partyOf } from '../../../http/request-context.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';

const testResultSchema = z
  .object({
    event_id: z.string().openapi({ description: '`webhook-id` of the message', example: 'evt_0f0m9x5c2rk0000' }),
    url: z.string().openapi({ description: 'Where it was sent', example: 'https://acme.example/hooks' }),
    delivered: z.boolean().openapi({ description: 'Whether your endpoint answered 2xx', example: true }),
    status: z.int().nullable().openapi({ description: 'What it answered; null = nothing', example: 204 }),
    error: z.string().nullable().openapi({ description: 'Why it failed: a stable word', example: null }),
    detail: z.string().nullable().openapi({ description: 'The same in a sentence', example: null }),
    took_ms: z.int().openapi({ description: 'Milliseconds until the answer', example: 41 }),
  })
  .openapi('WebhookTest', { description: 'What came of a test' });

const route = createRoute({
  method: 'post',
  path: '/v1/webhooks/test',
  operationId: 'testWebhook',
  tags: ['Events'],
  summary: 'Have your webhook sent a test, now',
  description:
    'Sends one `webhook.test`, signed like any other, once, and answers what your endpoint said. It is sent even where the ' +
    'webhook is switched off, and changes nothing of it.',
  responses: {
    200: { description: 'What came of it', content: { 'application/json': { schema: testResultSchema } } },
    ...problemResponses(...signedProblems, 'webhook_not_set'),
  },
});

export function registerTestWebhook(door: PartnerDoor, { delivery }: Pick<PartnerDeps, 'delivery'>): void {
  door.openapi(route, async (c) => {
    const result = await delivery.testSender.send(partyOf(c).id);
    if (result === undefined) throw new ProblemError('webhook_not_set');
    const { event, tookMs, ...told } = result;
    return c.json({ event_id: event, ...told, took_ms: tookMs }, 200);
  });
}
