import { type DocumentFiles, FOLDER_COUNT } from '../applications/documents/document-files.ts';
import type { DocumentRecords } from '../applications/documents/document-records.ts';
import { mapBounded } from '../base/map-bounded.ts';
import type { OutdatedFile, SealedSource } from './sealed-source.ts';

/** Heads read at the same time. */
const HEADS_AT_ONCE = 16;
/** Files re-sealed at the same time: each is up to 10 MiB to read and to write. */
const BATCH = 4;

/** The files of documents, folder by folder. */
export function createSealedDocuments(
  files: Pick<DocumentFiles, 'list' | 'keyIdOf' | 'reseal'>,
  documents: Pick<DocumentRecords, 'find'>,
): SealedSource<OutdatedFile> {
  const outdatedIds = async (folder: number, activeId: string): Promise<string[]> => {
    const ids = (await files.list(folder)).flatMap(({ id }) => (id === null ? [] : [id]));
    const keyIds = await mapBounded(ids, HEADS_AT_ONCE, (id) => files.keyIdOf(id));
    return ids.filter((_, index) => keyIds[index] !== undefined && keyIds[index] !== activeId);
  };
  // A document that was removed while it was re-sealed must not come back with the new file.
  const isWanted = (id: string) => async () => (await documents.find(id)) !== undefined;
  return {
    name: 'documents',
    parts: FOLDER_COUNT,
    countOutdated: async (folder, activeId) => (await outdatedIds(folder, activeId)).length,
    async *outdated(folder, activeId) {
      const ids = await outdatedIds(folder, activeId);
      for (let from = 0; from < ids.length; from += BATCH) {
        yield ids.slice(from, from + BATCH).map((id) => ({ reseal: () => files.reseal(id, isWanted(id)) }));
      }
    },
  };
}
