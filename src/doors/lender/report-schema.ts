import { textSchema } from '../schemas/scalars.ts';

const PASSED_ON_MAX = 256;

/** What our landing or hand-off put into an address, as the lender's app kept it. What is none of ours is ignored. */
export const passedOn = {
  click_id: textSchema(PASSED_ON_MAX).nullish().openapi({
    description: '`click` of the address that the person arrived by, if any',
    example: 'clk_1f8ac10f23c5b5bc1167bda84b833e5c',
  }),
  handoff_id: textSchema(PASSED_ON_MAX).nullish().openapi({
    description: 'Id of the hand-off that the person arrived by, if any',
    example: 'hnd_1f8ac10f23c5b5bc1167bda84b833e5c',
  }),
};

/** The lender's own reference: the same one again is the same thing again. */
export const lenderRefSchema = textSchema(128).openapi({
  description: 'Your reference; sent again, it gets the first answer',
  example: 'QC-2026-000123',
});
