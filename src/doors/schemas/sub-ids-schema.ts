import { z } from '@hono/zod-openapi';

const SUB_ID_MAX = 128;

const subId = z
  .string()
  .max(SUB_ID_MAX)
  .optional()
  .openapi({ description: `Yours, at most ${SUB_ID_MAX} characters`, example: 'campaign-7' });

/** Ten labels of the partner's own, shown back and filled into postbacks. */
export const subIdsSchema = z
  .strictObject({
    sub1: subId,
    sub2: subId,
    sub3: subId,
    sub4: subId,
    sub5: subId,
    sub6: subId,
    sub7: subId,
    sub8: subId,
    sub9: subId,
    sub10: subId,
  })
  .openapi('SubIds', { description: 'Labels of your own; never put personal data here', example: { sub1: 'a' } });

/** The labels that were given. */
export function subIdsOf(given: z.output<typeof subIdsSchema> | undefined): Record<string, string> {
  // An optional member that was not sent is no key of the parsed object.
  return (given ?? {}) as Record<string, string>;
}
