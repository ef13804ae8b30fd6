import { z } from '@hono/zod-openapi';
import { textSchema } from '../schemas/scalars.ts';

const REASON_MAX = 200;

/** Why somebody wants no more of an application or a loan. */
export const cancelSchema = z
  .strictObject({
    reason: textSchema(REASON_MAX).openapi({
      description: 'Your code or words, at most 200 characters, without anything of the person: it is kept in the open',
      example: 'customer_changed_mind',
    }),
  })
  .openapi('Cancel', { description: 'A wish to cancel' });
