import { applicationView, type Viewer } from '../../../applications/lifecycle/view.ts';
import type { ActionResult } from '../../../intake/action-result.ts';
import { actionProblem } from './action-problem.ts';

/**
 * What an applicant did as it is answered: 200 when the lender has it, 202 while it is still being sent.
 * @throws ProblemError when it has come to nothing
 */
export function actionAnswer(result: ActionResult, viewer: Viewer) {
  if (result.kind !== 'done') throw actionProblem(result);
  const { actionId, status, application, replayed } = result;
  const headers: Record<string, string> = replayed ? { 'Idempotent-Replayed': 'true' } : {};
  const body = { action_id: actionId, status, application: applicationView(application, viewer) };
  return { body, status: status === 'accepted' ? (200 as const) : (202 as const), headers };
}
