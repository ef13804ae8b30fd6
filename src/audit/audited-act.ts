import type { AuditActor, AuditEntry, AuditObject, AuditView } from './audit-entry.ts';
import type { AuditLog } from './audit-log.ts';
import { assertAuditable, redactedReason, redactedView, type ViewFault } from './audit-view.ts';

/** What is about to be done, by whom, and why. */
export interface AuditIntent {
  readonly actor: AuditActor;
  /** `<what>.<verb>`, such as `period.lock`. */
  readonly action: string;
  readonly object: AuditObject;
  /** At most 500 characters, in the actor's words; null when none was given. */
  readonly reason: string | null;
  readonly before?: AuditView | null;
  /** The request or run that acts. */
  readonly requestId: string;
}

export interface AuditedActDeps {
  readonly audit: Pick<AuditLog, 'append'>;
  /** The stable code of an error that ended an act. */
  codeOf(error: unknown): string;
  /** Told of the last entry of the act. */
  onEntry?(entry: AuditEntry): void;
  /** Told when the end of an act could not be written: it is shown as unfinished. */
  onLostEnd?(intended: AuditEntry, error: unknown): void;
  /** Told of an `after` that must not be written: a fault of ours. */
  onWithheld?(action: string, fault: ViewFault): void;
}

/** The announcing entry could not be written, so nothing was done. */
export class AuditUnavailableError extends Error {
  override readonly name = 'AuditUnavailableError';
}

const END_ATTEMPTS = 2;

/**
 * Announces an act in the audit log, does it, and records how it ended. What cannot be announced is not done. An act whose
 * process is killed half-way, or whose end cannot be written, stays announced: `unfinished`.
 * @param after a small redacted view of the result
 * @throws AuditUnavailableError before the act; AuditViewError for what must not be written; what the act throws
 */
export async function auditedAct<Result>(
  deps: AuditedActDeps,
  intent: AuditIntent,
  act: () => Result | Promise<Result>,
  after?: (result: Result) => AuditView | null,
): Promise<Result> {
  const { actor, action, object, requestId } = intent;
  const common = {
    actor,
    action,
    object,
    reason: intent.reason === null ? null : redactedReason(intent.reason),
    before: intent.before ?? null,
    request_id: requestId,
  };
  assertAuditable(common);
  const intended = await announce(deps, common);
  const end = (how: { outcome: 'done' | 'failed'; code: string | null; after: AuditView | null }) =>
    writeEnd(deps, intended, { ...common, ...how, intent: intended.seq });
  let result: Result;
  try {
    result = await act();
  } catch (error) {
    await end({ outcome: 'failed', code: deps.codeOf(error), after: null });
    throw error;
  }
  const view = after?.(result) ?? null;
  const { view: kept, fault } = view === null ? { view, fault: null } : redactedView(view);
  if (fault !== null) deps.onWithheld?.(action, fault);
  await end({ outcome: 'done', code: null, after: kept });
  return result;
}

type Common = Omit<Parameters<AuditLog['append']>[0], 'outcome' | 'code' | 'after' | 'intent'>;

async function announce({ audit }: AuditedActDeps, common: Common): Promise<AuditEntry> {
  try {
    return await audit.append({ ...common, outcome: 'intended', code: null, after: null, intent: null });
  } catch (error) {
    throw new AuditUnavailableError('the audit log cannot be written', { cause: error });
  }
}

/** The act has happened: an end that cannot be written must not turn its answer into an error. */
async function writeEnd(
  deps: AuditedActDeps,
  intended: AuditEntry,
  draft: Parameters<AuditLog['append']>[0],
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const entry = await deps.audit.append(draft);
      deps.onEntry?.(entry);
      return;
    } catch (error) {
      if (attempt < END_ATTEMPTS) continue;
      deps.onLostEnd?.(intended, error);
      return;
    }
  }
}
