import { z } from 'zod';
import { pageUrlSchema } from '../../applications/lifecycle/lender-event-data.ts';
import { HOUR_MS, isoOf } from '../../base/clock.ts';
import { maskName, maskPhone } from '../../identity/mask.ts';
import { bodyInvalid, type CoreReply, type SandboxCoreDeps } from './core-reply.ts';
import type { ShownHandoff } from './handoff-page.ts';

const HANDOFF_ID = /^[A-Za-z0-9_-]{1,64}$/;
const handoffSchema = z.object({
  handoff_id: z.string().regex(HANDOFF_ID),
  destination: z.enum(['apply', 'credit', 'loan', 'repay']),
  application_id: z.string().nullish(),
  loan_id: z.string().nullish(),
  partner: z.object({ id: z.string() }),
  applicant: z.object({ name: z.string().nullish(), phone: z.string().nullish() }).nullish(),
  return_url: pageUrlSchema,
});

const PAGE_LIVES_MS = HOUR_MS;

/** `POST /handoffs`: a page for the applicant. What is kept for it is masked, and its address says nothing. */
export async function openHandoff(deps: SandboxCoreDeps, json: unknown): Promise<CoreReply> {
  const parsed = handoffSchema.safeParse(json);
  if (!parsed.success) return bodyInvalid(parsed.error);
  const { handoff_id, destination, application_id, loan_id, partner, applicant, return_url } = parsed.data;
  const shown: ShownHandoff = {
    lender: deps.lender.name,
    destination,
    partner_id: partner.id,
    application_id: application_id ?? null,
    loan_id: loan_id ?? null,
    name: applicant?.name ? maskName(applicant.name) : null,
    phone: applicant?.phone ? maskPhone(applicant.phone) : null,
    return_url,
  };
  await deps.store.keepHandoff(handoff_id, JSON.stringify(shown), PAGE_LIVES_MS);
  const expires_at = isoOf(deps.clock.nowMs() + PAGE_LIVES_MS);
  return { status: 200, body: { url: `${deps.coreUrl}/pages/${handoff_id}`, expires_at } };
}

/** What the page of a hand-off shows; undefined when there is none, or its time is over. */
export async function readHandoff(deps: Pick<SandboxCoreDeps, 'store'>, id: string): Promise<ShownHandoff | undefined> {
  const json = HANDOFF_ID.test(id) ? await deps.store.handoff(id) : null;
  return json === null ? undefined : (JSON.parse(json) as ShownHandoff);
}
