import type { z } from '@hono/zod-openapi';
import type { Application } from '../../applications/model.ts';
import type { ApplicationStore } from '../../applications/store.ts';
import { isId } from '../../base/ids.ts';
import { decodeCursor, foreignCursor } from '../../http/pagination.ts';
import { ProblemError } from '../../http/problem.ts';
import type { Appeal } from '../../screening/appeals/appeal.ts';
import type { Answered, GiveAnswer, Opened, OpenedAppeal } from '../../screening/appeals/appeal-desk.ts';
import { type EntryFault, textFault } from '../../screening/lists/entry-rules.ts';
import type { ListStore } from '../../screening/lists/list-store.ts';
import { type LookedUpSubject, readListSubject } from '../lists/check-subjects.ts';
import type { answerFields, openAppealSchema } from './appeal-schema.ts';

type OpenBody = z.output<typeof openAppealSchema>;

/** Whom an appeal is about, and because of which application. */
export interface AppealRequest {
  readonly subject: LookedUpSubject;
  readonly application: Application | null;
}

/**
 * Reads what an appeal is opened with.
 * @param mayName whether the application may be named by whoever asks
 * @throws ProblemError 422 for a subject that cannot be looked up, and for an application that is not there, or not theirs
 */
export async function readAppealRequest(
  { subject, application_id: applicationId }: OpenBody,
  { lists, store }: { readonly lists: ListStore; readonly store: Pick<ApplicationStore, 'load'> },
  mayName: (application: Application) => boolean,
): Promise<AppealRequest> {
  const read = readListSubject(subject, lists);
  if (!read.ok) throw invalid(read.faults);
  if (applicationId === undefined || applicationId === null) return { subject: read.value, application: null };
  const application = (await store.load(applicationId))?.application;
  if (application === undefined || !mayName(application)) {
    throw invalid([{ pointer: '/application_id', code: 'not_found', message: 'is no application of yours' }]);
  }
  const own = new Set([...application.subject.claims, ...application.subject.pointers]);
  if (!read.value.tokens.some(({ token }) => own.has(token))) {
    throw invalid([{ pointer: '/application_id', code: 'not_this_person', message: 'is about somebody else' }]);
  }
  return { subject: read.value, application };
}

/** @throws ProblemError 422 `validation_failed` with these faults */
export function invalid(faults: readonly EntryFault[]): ProblemError {
  const [first] = faults;
  const errors = faults.map(({ pointer, code, message }) => ({ pointer, code, message }));
  return new ProblemError('validation_failed', `${first?.pointer || 'the body'}: ${first?.message}`, { errors });
}

/**
 * What was opened.
 * @throws ProblemError 422 when an entry could not be suspended, because the person is known in plain and was hashed here
 */
export function openedOrProblem(opened: Opened): OpenedAppeal {
  if (opened.kind === 'opened') return opened;
  const message = 'stands on a list in plain; give it in plain, so that it is suspended under every form';
  throw invalid([{ pointer: `/subject/${opened.at}`, code: 'plain_needed', message }]);
}

/**
 * What was answered.
 * @throws ProblemError 404, 409 `appeal_answered`, 422
 */
export function answeredOrProblem(answered: Answered | undefined): Appeal {
  switch (answered?.kind) {
    case 'taken':
      return answered.appeal;
    case 'answered':
      throw new ProblemError('appeal_answered', 'it was answered otherwise before');
    case 'invalid':
      throw invalid(answered.faults);
    default:
      throw noAppeal();
  }
}

export function noAppeal(): ProblemError {
  return new ProblemError('not_found', 'there is no such appeal');
}

/**
 * The answer as the desk takes it.
 * @throws ProblemError 422 for a reason that holds what looks like an identity: it is kept
 */
export function readAnswer(
  { verdict, reason, correction }: z.output<z.ZodObject<typeof answerFields>>,
  by: string,
): GiveAnswer {
  const fault = textFault('/reason', reason);
  if (fault !== undefined) throw invalid([fault]);
  return { verdict, reason, correction: correction ?? null, by };
}

/**
 * The appeal after which a page goes on.
 * @throws ProblemError 422 for a cursor that we did not make
 */
export function appealCursor(cursor: string | undefined): string | undefined {
  const [id] = decodeCursor(cursor, 1) ?? [];
  if (id !== undefined && !isId('apl', id)) throw foreignCursor();
  return id;
}
