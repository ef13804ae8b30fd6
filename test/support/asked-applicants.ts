import { isoOf, MINUTE_MS } from '../../src/base/clock.ts';
import type { ConnectedCore } from './core-worker.ts';
import { become, freshApplication } from './partner-applications.ts';
import type { TestPartnerDoor } from './partner-door.ts';
import { toldByLender } from './told-by-lender.ts';

/** The instant so many minutes from now, by the clock of the door. */
export function inMinutes(door: TestPartnerDoor, minutes: number): string {
  return isoOf(door.intake.clock.nowMs() + minutes * MINUTE_MS);
}

/** A submitted application of acme's, with nothing left in the outbox. */
export async function submittedApplication(door: TestPartnerDoor, core: ConnectedCore): Promise<string> {
  const { input } = freshApplication(door);
  const { body } = await door.acme.post('/v1/applications', input);
  await become(door, body.id, { status: 'submitted', lender_ref: 'L-1' });
  await core.settle();
  return body.id;
}

/** The same, whose lender asks for something that can be done for an hour. */
export async function askedApplication(
  door: TestPartnerDoor,
  core: ConnectedCore,
  data: object,
): Promise<{ readonly id: string; readonly actionId: string }> {
  const id = await submittedApplication(door, core);
  const ask = { scene: 'apply', expires_at: inMinutes(door, 60), ...data };
  const told = await toldByLender(door.intake, id, 'action.required', ask);
  return { id, actionId: told?.action_id ?? '' };
}

/** What walk-through A’s lender wants, and what covers it. */
export const WANTED = { type: 'supplement', fields: ['employment.employer'], verifications: ['liveness'] };
export const PAPERS = {
  applicant: { employment: { employer: '某某科技有限公司' } },
  verifications: [{ kind: 'liveness', provider: 'face-vendor', result: 'pass', at: '2026-03-02T03:58:00.000Z' }],
};

/** Status, and what is to be done next. */
export async function standingOf(door: TestPartnerDoor, id: string): Promise<unknown> {
  const { body } = await door.acme.get(`/v1/applications/${id}`);
  return [body.status, body.next_action?.type ?? null];
}
