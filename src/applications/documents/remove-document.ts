import type { DocumentFiles } from './document-files.ts';
import type { DocumentRecords } from './document-records.ts';

/**
 * Removes a document that is marked: its file for good, then its record. May be done again by anybody, after a crash too.
 * @throws DocumentStorageError when the file cannot be unlinked now; the sweep tries again
 */
export async function removeDocument(
  { documents, files }: { readonly documents: DocumentRecords; readonly files: Pick<DocumentFiles, 'remove'> },
  id: string,
): Promise<void> {
  await files.remove(id);
  await documents.forget(id);
}
