import type { Logger } from 'pino';
import { createDocumentSweeper } from '../applications/documents/document-sweeper.ts';
import { findStrays } from '../applications/documents/find-strays.ts';
import { HOUR_MS } from '../base/clock.ts';
import { createPersonalDocuments } from '../privacy/personal-documents.ts';
import type { PersonalStore } from '../privacy/personal-store.ts';
import { createSealedDocuments } from '../privacy/sealed-documents.ts';
import type { OutdatedFile, SealedSource } from '../privacy/sealed-source.ts';
import { type Looker, lookNowAndThen } from '../redis/look-now-and-then.ts';
import type { Ground, Rooms } from './rooms.ts';

/** Everything about documents that works behind the doors. */
export interface DocumentWork {
  readonly personal: PersonalStore;
  readonly sealed: SealedSource<OutdatedFile>;
  /** What runs in the background, by name; nothing is started yet. */
  readonly lookers: Readonly<Record<string, Looker>>;
}

/** Ids in one line of the log. */
const NAMED_MAX = 20;

export function openDocumentWork(ground: Ground, rooms: Rooms, logger: Logger): DocumentWork {
  const { clock, config, failed } = ground;
  const { documentFiles: files, intake, store } = rooms;
  const { documents } = intake;
  const sweeper = createDocumentSweeper({
    documents,
    files,
    store,
    clock,
    share: config.process,
    onError: failed('documents'),
  });
  const compare = async (): Promise<void> => {
    const { discarded, suspect, missing } = await findStrays({ documents, files }, Date.now());
    if (discarded > 0) logger.info({ discarded }, 'files of documents removed that nobody was told of');
    if (suspect > 0)
      logger.error({ suspect }, 'the folder of documents and Redis do not belong together; nothing was removed');
    if (missing.length === 0) return;
    const line = { missing: missing.length, documents: missing.slice(0, NAMED_MAX) };
    logger.error(line, 'documents are on record whose files are not in the folder');
  };
  // One process compares: it is a walk through everything.
  const strays: Record<string, Looker> =
    config.process.index === 1 ? { strays: lookNowAndThen(compare, HOUR_MS, failed('documents')) } : {};
  return {
    personal: createPersonalDocuments({ documents, files, clock }),
    sealed: createSealedDocuments(files, documents),
    lookers: { documents: sweeper, ...strays },
  };
}
