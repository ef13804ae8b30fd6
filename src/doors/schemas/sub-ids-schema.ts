import { z } from '@hono/zod-openapi';

/** Characters of one label. */
export const SUB_ID_MAX = 128;

const subId = z
  .string()
  .max(SUB_ID_MAX)
  .optional()
  .openapi({ description: `Yours, at most ${SUB_ID_MAX} characters`, example: 'campaign-7' });

/** The members sub1 … sub10, each read alike. */
export function subIdMembers<S extends z.ZodType>(each: S) {
  return {
    sub1: each,
    sub2: each,
    sub3: each,
    sub4: each,
    sub5: each,
    sub6: each,
    sub7: each,
    sub8: each,
    sub9: each,
    sub10: each,
  };
}

/** Ten labels of the partner's own, shown back and filled into postbacks. */
export const subIdsSchema = z
  .strictObject(subIdMembers(subId))
  .openapi('SubIds', { description: 'Labels of your own; never put personal data here', example: { sub1: 'a' } });

/** The labels that were given. */
export function subIdsOf(given: z.output<typeof subIdsSchema> | undefined): Record<string, string> {
  // An optional member that was not sent is no key of the parsed object.
  return (given ?? {}) as Record<string, string>;
}
