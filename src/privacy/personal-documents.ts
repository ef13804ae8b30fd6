import type { DocumentFiles } from '../applications/documents/document-files.ts';
import type { DocumentRecords } from '../applications/documents/document-records.ts';
import { removeDocument } from '../applications/documents/remove-document.ts';
import { type Clock, isoOf } from '../base/clock.ts';
import type { PersonalStore } from './personal-store.ts';

export interface PersonalDocumentsDeps {
  readonly documents: DocumentRecords;
  readonly files: Pick<DocumentFiles, 'remove'>;
  readonly clock: Clock;
}

/**
 * The documents of applications as personal data. An export names them and what they hash to; their bytes were sent in by the
 * partner and are read at the lender. A document goes with the last application that uses it.
 */
export function createPersonalDocuments(deps: PersonalDocumentsDeps): PersonalStore {
  const { documents, clock } = deps;
  return {
    name: 'documents',
    async read(applicationId) {
      const ids = (await documents.ofApplication(applicationId)).sort();
      const found = await Promise.all(ids.map((id) => documents.find(id)));
      return found.flatMap((document) => {
        if (document === undefined) return [];
        const { id, kind, sha256, contentType, bytes, expiresMs } = document;
        const upload_ends_at = isoOf(expiresMs);
        return [{ document_id: id, kind, sha256, content_type: contentType, bytes, upload_ends_at }];
      });
    },
    async erase(applicationId) {
      const ids = await documents.ofApplication(applicationId);
      for (const id of ids) {
        if (await documents.dropUse(id, applicationId, 'remove', clock.nowMs())) await removeDocument(deps, id);
      }
      // Last: whoever is cut off finds them again.
      await documents.unlist(applicationId, ids);
      return ids.length;
    },
  };
}
