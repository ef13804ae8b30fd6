import { hash } from 'node:crypto';
import { AuditViewError, assertAuditable } from '../../../audit/audit-view.ts';
import type { KeyFault } from '../../../keys/key-decisions.ts';
import { keyStatus } from '../../../keys/key-status.ts';
import type { KnownKey } from '../../../keys/known-keys.ts';
import type { AuditedAct } from '../audited.ts';
import type { OperatorDeps } from '../operator-deps.ts';
import { keyProblem } from './key-problem.ts';
import { keyAuditView } from './key-view.ts';

/** What operations that change keys work with. */
export type KeyDeps = Pick<OperatorDeps, 'keyDesk' | 'audit' | 'logger' | 'realClock'>;

/**
 * An act about a key as the audit log keeps it: states and dates, no material.
 * @param before the key as it is, when there is one
 * @param nowMs real time
 */
export function keyAct(
  action: 'key.issue' | 'key.add' | 'key.rotate' | 'key.revoke',
  { id, reason, before }: { readonly id: string; readonly reason: string; readonly before?: KnownKey },
  nowMs: number,
): AuditedAct<{ readonly key: KnownKey }> {
  return {
    action,
    object: { kind: 'key', id: auditableId(action, id) },
    reason,
    before: before === undefined ? null : { status: keyStatus(before, nowMs), not_after: before.notAfter },
    after: ({ key }) => keyAuditView(key, nowMs),
  };
}

/** @throws ProblemError when it was not done. @param material pointer to the key material in the body */
export function doneOrProblem<Done extends { readonly ok: true }>(outcome: Done | KeyFault, material: string): Done {
  if (!outcome.ok) throw keyProblem(outcome, material);
  return outcome;
}

/** Some key ids look like an identity number; the log takes no such text, not even from us. */
function auditableId(action: string, id: string): string {
  try {
    assertAuditable({ action, object: { kind: 'key', id }, before: null });
    return id;
  } catch (error) {
    if (error instanceof AuditViewError) return `sha256:${hash('sha256', id)}`;
    throw error;
  }
}
