import { z } from '@hono/zod-openapi';
import { type ApplicationView, applicationView, FULL_VIEW } from '../../applications/lifecycle/view.ts';
import type { Application } from '../../applications/model.ts';
import { applicationSchema } from '../schemas/application-schema.ts';

/** An application as its lender reads it: nothing of what is between the partner and its own people. */
export const lenderApplicationSchema = applicationSchema
  .omit({ partner_ref: true, partner_user_ref: true, sub_ids: true, existing_application_id: true, display: true })
  .extend({
    origin: z.enum(['partner', 'page', 'lender']).openapi({
      description: 'Where it began: a partner’s request, our hosted page, your own app',
      example: 'partner',
    }),
    funder_ids: z
      .array(z.string())
      .openapi({ description: 'Funders that may lend, the preferred one first', example: ['harbour'] }),
  })
  .openapi('LenderApplication', {
    description: 'An application as it stands. Personal data is not in it: that goes to your core alone',
  });

export function lenderApplication(application: Application): ApplicationView {
  const { partner_ref, partner_user_ref, sub_ids, existing_application_id, display, ...shown } = applicationView(
    application,
    FULL_VIEW,
  );
  const { origin, funder_ids } = application;
  return { ...shown, origin, funder_ids };
}
