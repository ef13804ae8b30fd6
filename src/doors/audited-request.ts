import type { Logger } from 'pino';
import type { AuditActor, AuditObject, AuditView } from '../audit/audit-entry.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import { AuditUnavailableError, auditedAct } from '../audit/audited-act.ts';
import { ProblemError } from '../http/problem.ts';
import { addLogFields, addWarning, type DoorContext, requestOf } from '../http/request-context.ts';
import { isUnavailable } from '../redis/is-unavailable.ts';

/** What the operations of a door need in order to be audited. */
export interface AuditedDeps {
  readonly audit: Pick<AuditLog, 'append'>;
  readonly logger: Logger;
}

/** What somebody is about to do. */
export interface AuditedRequest<Result> {
  readonly actor: AuditActor;
  /** `<what>.<verb>`, such as `period.lock`. */
  readonly action: string;
  /** What is acted upon; what is being made has its id before it is made. */
  readonly object: AuditObject;
  /** null when none was given. */
  readonly reason: string | null;
  /** What matters of the object before: small, without personal data and secrets. */
  readonly before?: AuditView | null;
  /** The same after it, from what the act gave. */
  readonly after?: (result: Result) => AuditView | null;
}

/**
 * Does what a request asks for between two entries of the audit log; a bulk request is one act. Nothing is done when the
 * first entry cannot be written.
 * @throws ProblemError 503 `dependency_unavailable` when the audit log cannot be written; what the act throws
 */
export async function auditedRequest<P, Result>(
  c: DoorContext<P>,
  { audit, logger }: AuditedDeps,
  { actor, action, object, reason, before = null, after }: AuditedRequest<Result>,
  act: () => Result | Promise<Result>,
): Promise<Result> {
  const { id: requestId } = requestOf(c);
  try {
    return await auditedAct<Result>(
      {
        audit,
        codeOf,
        onEntry: ({ seq, hash }) => addLogFields(c, { audit_head: `${seq}:${hash}` }),
        onLostEnd: ({ seq }, err) => {
          logger.error(
            { request_id: requestId, audit_seq: seq, err },
            'the end of an audited act could not be written',
          );
          addWarning(c, `audit_unfinished ${seq}`);
        },
        onWithheld: (withheld, fault) =>
          logger.error(
            { request_id: requestId, action: withheld, ...fault },
            'the audit log took no view of what was done',
          ),
      },
      { actor, action, object, reason, before, requestId },
      act,
      after,
    );
  } catch (error) {
    if (!(error instanceof AuditUnavailableError)) throw error;
    logger.error({ request_id: requestId, err: error.cause }, 'an act was refused: the audit log cannot be written');
    const retry = { headers: { 'Retry-After': '1' } };
    throw new ProblemError('dependency_unavailable', 'the audit log cannot be written; nothing was done', retry);
  }
}

function codeOf(error: unknown): string {
  if (error instanceof ProblemError) return error.code;
  return isUnavailable(error) ? 'dependency_unavailable' : 'internal_error';
}
