import { z } from '@hono/zod-openapi';
import { moneySchema } from '../../http/common-schemas.ts';
import { purposeSchema, termSchema, termUnitSchema } from './scalars.ts';

/** What the applicant wishes for. */
export const requestedSchema = z
  .strictObject({
    amount: moneySchema,
    term: termSchema,
    term_unit: termUnitSchema,
    purpose: purposeSchema,
  })
  .openapi('Requested', { description: 'What the applicant wishes for' });
