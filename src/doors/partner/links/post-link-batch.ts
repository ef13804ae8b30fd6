import { createRoute, z } from '@hono/zod-openapi';
import { mapBounded } from '../../../base/map-bounded.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { bodyProblems, problemResponses, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, type DoorContext, partyOf } from '../../../http/request-context.ts';
import type { InputFault } from '../../../intake/intake-deps.ts';
import { type MakeLinkResult, makeLink } from '../../../intake/make-link.ts';
import { madeLink } from '../../../intake/partner-links.ts';
import type { TrafficPartner } from '../../../registry/schema/traffic-partner.ts';
import { parseItem } from '../../lists/change-entries.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { linkRequestSchema, linkSchema } from './link-schema.ts';
import { linkView } from './link-view.ts';
import { makeLinkDeps, wishOf } from './wish-of.ts';

const ITEMS_MAX = 500;
const AT_ONCE = 50;

const itemDocument = linkRequestSchema.partial().openapi({
  description: 'A link to share, or what it has beyond the template',
  example: { label: 'Shop 17' },
});
const templateDocument = linkRequestSchema
  .omit({ code: true, label: true })
  .partial()
  .openapi({
    description: 'What every item has that does not say otherwise: fields of a link without `code` and `label`',
    example: { product_id: 'quick-cash', landing: 'hosted' },
  });

/** Anything passes: what is wrong with one item is that item's result, and must not refuse the others. */
const itemSchema = z.unknown().openapi({ $ref: '#/components/schemas/LinkBatchItem' } as Documented);
const templateSchema = z
  .record(z.string(), z.unknown())
  .openapi({ $ref: '#/components/schemas/LinkTemplate' } as Documented);
type Documented = Exclude<Parameters<z.ZodType['openapi']>[0], string>;

const batchSchema = z
  .strictObject({
    template: templateSchema.optional(),
    items: z
      .array(itemSchema)
      .min(1)
      .max(ITEMS_MAX)
      .openapi({ description: `1 to ${ITEMS_MAX} links; each is judged by itself` }),
  })
  .openapi('LinkBatch', { description: 'Links to make' });

const errorSchema = z
  .object({
    code: z
      .string()
      .openapi({ description: 'As the code of the problem of a single link', example: 'link_code_taken' }),
    errors: z
      .array(
        z.object({
          pointer: z.string().openapi({ description: 'RFC 6901 pointer within the item', example: '/params/referrer' }),
          code: z.string().openapi({ description: 'Stable code of the fault', example: 'unknown_macro' }),
          message: z.string().openapi({ description: 'What is wrong, in words', example: 'unknown macro {cid}' }),
        }),
      )
      .openapi({ description: 'Each fault and its place' }),
  })
  .openapi('LinkBatchError', { description: 'Why there is no link' });

const resultSchema = z
  .object({
    link: linkSchema.optional().openapi({ description: 'The link, new or found again' }),
    error: errorSchema.optional(),
  })
  .openapi('LinkBatchResult', { description: 'Either `link` or `error`' });
type Result = z.input<typeof resultSchema>;

const results = z.array(resultSchema).openapi({ description: 'One result an item, in their order' });

const route = createRoute({
  method: 'post',
  path: '/v1/links/batch',
  operationId: 'createLinks',
  tags: ['Links'],
  summary: 'Make up to 500 links at once',
  description:
    'Each item is a link as in POST /v1/links, laid over `template`: for one link a shop or an assistant, the template says ' +
    'what they have in common and each item its `label` or `code`. One that is wrong is refused by itself. The same batch ' +
    'again gives the same links.',
  request: { body: jsonBody(batchSchema, 'The links') },
  responses: {
    200: { description: 'The results', content: { 'application/json': { schema: z.object({ results }) } } },
    ...problemResponses(...signedProblems, ...bodyProblems),
  },
});

export function registerPostLinkBatch(door: PartnerDoor, deps: PartnerDeps): void {
  door.openAPIRegistry.register('LinkBatchItem', itemDocument);
  door.openAPIRegistry.register('LinkTemplate', templateDocument);
  door.openapi(route, async (c) => {
    const { template = {}, items } = c.req.valid('json');
    // The first of two that want one code has it: they are begun in order, and Redis keeps it.
    const made = await mapBounded([...items.entries()], AT_ONCE, ([at, item]) => makeOne(c, deps, template, item, at));
    addLogFields(c, { items: made.length, made: made.filter(({ link }) => link !== undefined).length });
    return c.json({ results: made }, 200);
  });
}

async function makeOne(
  c: DoorContext<TrafficPartner>,
  deps: PartnerDeps,
  template: object,
  item: unknown,
  at: number,
): Promise<Result> {
  const isObject = typeof item === 'object' && item !== null && !Array.isArray(item);
  const whole = isObject ? { ...template, ...item } : item;
  const read = parseItem(c, linkRequestSchema, { item: whole, at, env: deps.env, field: 'items' });
  if (!read.ok) return { error: { code: 'validation_failed', errors: read.faults.map(faultView) } };
  const result = await makeLink(makeLinkDeps(deps), wishOf(partyOf(c).id, read.value));
  return resultView(result, deps);
}

function resultView(result: MakeLinkResult, deps: PartnerDeps): Result {
  switch (result.kind) {
    case 'invalid':
      return { error: { code: 'validation_failed', errors: result.faults.map(faultView) } };
    case 'taken':
      return { error: { code: 'link_code_taken', errors: [] } };
    case 'too_many':
      return { error: { code: 'too_many_links', errors: [] } };
    default: {
      const paused = deps.links.pauses.of(result.link.code);
      return { link: linkView({ ...madeLink(result.link), paused }, deps) };
    }
  }
}

function faultView({ pointer, code, message }: Pick<InputFault, 'pointer' | 'code' | 'message'>): InputFault {
  return { pointer, code, message };
}
