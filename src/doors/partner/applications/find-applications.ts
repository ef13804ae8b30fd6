import type { Application } from '../../../applications/model.ts';
import { msOf } from '../../../base/clock.ts';
import { derivedId } from '../../../base/ids.ts';
import { ProblemError } from '../../../http/problem.ts';
import { isIndexCursor } from '../../../insight/application-index.ts';
import { visibleApplication } from '../own-application.ts';
import type { PartnerDeps } from '../partner-deps.ts';
import type { ApplicationsQuery } from './applications-query.ts';

export interface FoundApplications {
  readonly applications: readonly Application[];
  readonly nextCursor: string | null;
}

/**
 * The applications that a partner asks for. A `partner_ref` is found at once, by the id that follows from it; the rest
 * comes from the index, which may lag behind by milliseconds.
 * @throws ProblemError 422 for a cursor that is not ours
 */
export async function findApplications(
  { intake, applications: index }: Pick<PartnerDeps, 'intake' | 'applications'>,
  partnerId: string,
  query: ApplicationsQuery,
): Promise<FoundApplications> {
  if (query.partner_ref !== undefined) {
    const found = await visibleApplication(intake, partnerId, derivedId('app', partnerId, query.partner_ref));
    return { applications: found !== undefined && fits(found, query) ? [found] : [], nextCursor: null };
  }
  if (query.cursor !== undefined && !isIndexCursor(query.cursor)) throw badCursor();
  const { ids, nextCursor } = await index.list(partnerId, {
    status: query.status,
    partnerUserRef: query.partner_user_ref,
    updatedAfterMs: query.updated_after === undefined ? undefined : msOf(query.updated_after),
    cursor: query.cursor,
    limit: query.limit,
  });
  const loaded = await Promise.all(ids.map((id) => visibleApplication(intake, partnerId, id)));
  return { applications: loaded.filter((one) => one !== undefined), nextCursor };
}

function fits(application: Application, query: ApplicationsQuery): boolean {
  return (
    (query.partner_user_ref === undefined || query.partner_user_ref === application.partner_user_ref) &&
    (query.status === undefined || query.status === application.status) &&
    (query.updated_after === undefined || msOf(application.updated_at) > msOf(query.updated_after))
  );
}

function badCursor(): ProblemError {
  const message = 'is not a next_cursor of this list';
  return new ProblemError('validation_failed', `cursor ${message}`, {
    errors: [{ pointer: '/cursor', in: 'query', code: 'invalid', message }],
  });
}
