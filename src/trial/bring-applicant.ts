import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Person } from '../demo/people.ts';
import type { SeenApplication } from './compare-state.ts';
import type { Story } from './story.ts';
import { uploadDocuments, verificationsOf, wholeApplicant } from './trial-applicant.ts';
import type { TrialCheck } from './trial-check.ts';
import { expectAnswer } from './trial-gateway.ts';
import { consentsFor } from './trial-product.ts';
import type { TrialSetting } from './trial-setting.ts';

const actionSchema = z.object({
  id: z.string(),
  type: z.string(),
  fields: z.array(z.string()).optional(),
  documents: z.array(z.string()).optional(),
  verifications: z.array(z.string()).optional(),
});
const loanSchema = z.object({
  id: z.string(),
  status: z.string(),
  reason: z.string().nullable(),
  next_action: actionSchema.nullable(),
});
const applicationSchema: z.ZodType<SeenApplication> = z.object({
  id: z.string(),
  partner_ref: z.string().nullable(),
  status: z.string(),
  reason: z.string().nullable(),
  next_action: actionSchema.nullable(),
  credit: z.object({ amount: z.object({ amount: z.int(), currency: z.string() }) }).nullable(),
  loans: z.array(loanSchema),
  created_at: z.string(),
});
const pageSchema = z.object({ data: z.array(applicationSchema) });

/** A core that is well takes an application within this, ms. */
const DELIVERED_WITHIN_MS = 5_000;
const POLL_MS = 50;

/** Applies for somebody. @throws TrialCannotRunError when the gateway takes no such application */
export async function apply(setting: TrialSetting, story: Story, person: Person): Promise<SeenApplication> {
  const { partner, product, wish, mark, acceptedAt } = setting;
  const { documents, verifications } = product.requirements;
  const body = {
    partner_ref: `${mark}-${story.key}`,
    partner_user_ref: mark,
    product_id: product.id,
    requested: wish,
    applicant: wholeApplicant(product, person),
    documents: await uploadDocuments(partner, documents, `${mark} ${story.key}`),
    verifications: verificationsOf(verifications, acceptedAt),
    consents: consentsFor(product, 'apply', acceptedAt),
  };
  const answer = await partner.post('/v1/applications', body);
  return expectAnswer(`the application of ${story.key}`, answer, [201], applicationSchema);
}

/** All applications of the trial as they stand, by id. */
export async function readApplications({ partner, mark }: TrialSetting): Promise<Map<string, SeenApplication>> {
  const path = `/v1/applications?partner_user_ref=${encodeURIComponent(mark)}&limit=200`;
  const { data } = expectAnswer('GET /v1/applications', await partner.get(path), [200], pageSchema);
  return new Map(data.map((one) => [one.id, one]));
}

/** Whether the first application got through to the core, and was taken. */
export async function checkDelivered({ id }: SeenApplication, { partner, waitMs }: TrialSetting): Promise<TrialCheck> {
  const row = { part: 'core', id: 'delivered', title: 'takes an application', section: 'try-answers' } as const;
  const until = Date.now() + Math.min(waitMs, DELIVERED_WITHIN_MS);
  for (;;) {
    const path = `/v1/applications/${id}`;
    const { status } = expectAnswer(`GET ${path}`, await partner.get(path), [200], applicationSchema);
    if (status !== 'received') return { ...row, verdict: 'passed', found: `application ${status}`, fix: null };
    if (Date.now() > until) {
      const fix = 'See the other rows for what is wrong with the answer to POST /applications.';
      return { ...row, verdict: 'failed', found: 'it was sent, and not taken', fix };
    }
    await delay(POLL_MS);
  }
}
