import { z } from '@hono/zod-openapi';
import { AUDIT_REASON_MAX } from '../../audit/audit-view.ts';
import type { Actor } from '../../http/bearer.ts';
import { ProblemError } from '../../http/problem.ts';
import { type DoorContext, partyOf, requestOf } from '../../http/request-context.ts';
import { fieldValue } from '../../trust/field-lines.ts';
import { type AuditedDeps, type AuditedRequest, auditedRequest } from '../audited-request.ts';

export type { AuditedDeps } from '../audited-request.ts';

/** What an operator is about to do. */
export interface AuditedAct<Result> extends Omit<AuditedRequest<Result>, 'actor' | 'reason'> {
  /** The body's reason; left out = `Sluice-Reason`, which may be absent. */
  readonly reason?: string | null;
}

/**
 * Does what an operator asked for between two entries of the audit log. Nothing is done when the first cannot be written.
 * Everything that decides over success belongs into the act: what it throws is recorded as `failed` with its code.
 * @example
 * const view = await audited(c, deps, { action: 'appeal.answer', object: { kind: 'appeal', id }, reason: body.reason,
 *   before: { status: appeal.status }, after: ({ status }) => ({ status }) }, () => answerAppeal(…));
 * @throws ProblemError 503 `dependency_unavailable` when the audit log cannot be written, 422 for a `Sluice-Reason` that
 * cannot be read; what the act throws
 */
export async function audited<Result>(
  c: DoorContext<Actor>,
  { audit, logger }: AuditedDeps,
  what: AuditedAct<Result>,
  act: () => Result | Promise<Result>,
): Promise<Result> {
  const { name, role } = partyOf(c);
  const reason = what.reason === undefined ? reasonOfHeader(c) : what.reason;
  return auditedRequest(c, { audit, logger }, { ...what, actor: { name, role }, reason }, act);
}

/** Header of every operation that changes something and whose body has no reason of its own. */
export const reasonHeader = z.object({
  'sluice-reason': z
    .string()
    .optional()
    .openapi({
      description:
        `Why, for the audit log: at most ${AUDIT_REASON_MAX} characters. Other than ASCII is percent-encoded UTF-8, ` +
        "with or without the prefix UTF-8'' of RFC 8187",
      example: "UTF-8''%E5%AE%A2%E6%88%B7%E6%8A%95%E8%AF%89",
    }),
});

/** The reason in `Sluice-Reason`, null when there is none. */
function reasonOfHeader(c: DoorContext<Actor>): string | null {
  const { request } = requestOf(c);
  const given = request === undefined ? undefined : fieldValue(request.fields, 'sluice-reason');
  const read = readReason(given ?? '');
  if (read.ok) return read.reason;
  throw new ProblemError('validation_failed', `Sluice-Reason ${read.message}`, {
    errors: [{ pointer: '/sluice-reason', in: 'header', code: 'format', message: read.message }],
  });
}

type ReadReason =
  | { readonly ok: true; readonly reason: string | null }
  | { readonly ok: false; readonly message: string };

/** Decodes `text`, percent-encoded UTF-8, or `UTF-8'language'percent-encoded` (RFC 8187 §3.2). */
export function readReason(value: string): ReadReason {
  const encoded = value.trim().replace(/^utf-8'[A-Za-z0-9-]*'/i, '');
  let reason: string;
  try {
    reason = decodeURIComponent(encoded).trim();
  } catch {
    return { ok: false, message: 'must be percent-encoded UTF-8 (write a percent sign as %25)' };
  }
  if (reason === '') return { ok: true, reason: null };
  if ([...reason].length > AUDIT_REASON_MAX)
    return { ok: false, message: `has more than ${AUDIT_REASON_MAX} characters` };
  if (/\p{Cc}/u.test(reason)) return { ok: false, message: 'must not contain control characters' };
  return { ok: true, reason };
}
