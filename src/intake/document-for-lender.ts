import type { StoredDocument } from '../applications/documents/document.ts';
import type { DocumentRecords } from '../applications/documents/document-records.ts';
import type { ApplicationStatus } from '../applications/model.ts';
import type { ApplicationStore } from '../applications/store.ts';

export interface DocumentForLenderDeps {
  readonly documents: Pick<DocumentRecords, 'find' | 'usersOf'>;
  readonly store: Pick<ApplicationStore, 'load'>;
}

/** Nobody was told of these. */
const NOT_PASSED_ON: ReadonlySet<ApplicationStatus> = new Set<ApplicationStatus>(['screening', 'refused']);

/**
 * A document that a lender may read: one that an application uses which was accepted for it and whose data is not erased.
 * @returns undefined for every other one, be it unknown or another lender's
 */
export async function documentForLender(
  { documents, store }: DocumentForLenderDeps,
  lenderId: string,
  documentId: string,
): Promise<{ readonly document: StoredDocument; readonly applicationId: string } | undefined> {
  const [document, users] = await Promise.all([documents.find(documentId), documents.usersOf(documentId)]);
  if (document === undefined) return undefined;
  for (const id of users) {
    const application = (await store.load(id))?.application;
    if (application === undefined || application.lender_id !== lenderId) continue;
    if (application.erased_at !== undefined || NOT_PASSED_ON.has(application.status)) continue;
    return { document, applicationId: id };
  }
  return undefined;
}
