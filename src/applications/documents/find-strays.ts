import { HOUR_MS } from '../../base/clock.ts';
import { ALL_SHARDS } from '../../base/ids.ts';
import { mapBounded } from '../../base/map-bounded.ts';
import { type DocumentFiles, FOLDER_COUNT, type ListedFile, PART_SUFFIX } from './document-files.ts';
import type { DocumentRecords } from './document-records.ts';

export interface StrayDeps {
  readonly documents: Pick<DocumentRecords, 'allOf' | 'areRecorded' | 'find'>;
  readonly files: Pick<DocumentFiles, 'list' | 'writtenMs' | 'discard' | 'exists'>;
}

export interface Strays {
  /** Files without a record, and unfinished ones, that were removed. */
  readonly discarded: number;
  /** Files without a record that were left: none has one, so this is the folder or the Redis of another installation. */
  readonly suspect: number;
  /** Documents on record whose file is not there. They are left: a folder that is not mounted may come back. */
  readonly missing: readonly string[];
}

/** What is younger may be about to get its record, or its name. By the clock of the file system. */
const STRAY_AFTER_MS = HOUR_MS;
/** As many files may well have been left by crashes without any that was not. */
const SUSPECT_FROM = 10;
const AT_ONCE = 16;

/**
 * Compares folder and records. A crash between the two leaves a file that nobody was told of: those are removed. The other way
 * round no crash leaves anything: a document on record without its file means that the disk lost it, or is not there.
 * @param nowMs real time
 */
export async function findStrays(deps: StrayDeps, nowMs: number): Promise<Strays> {
  const { files } = deps;
  const strays: ListedFile[] = [];
  let known = 0;
  for (let folder = 0; folder < FOLDER_COUNT; folder += 1) {
    const listed = await files.list(folder);
    const named = listed.flatMap((file) => (file.id === null ? [] : [{ ...file, id: file.id }]));
    const recorded = await deps.documents.areRecorded(named.map(({ id }) => id));
    const unknown = named.filter((_, index) => recorded[index] !== true);
    known += named.length - unknown.length;
    const parts = listed.filter(({ id, path }) => id === null && path.endsWith(PART_SUFFIX));
    const ages = await mapBounded([...unknown, ...parts], AT_ONCE, async (file) => ({
      file,
      writtenMs: await files.writtenMs(file),
    }));
    for (const { file, writtenMs } of ages) {
      if (writtenMs !== undefined && nowMs - writtenMs > STRAY_AFTER_MS) strays.push(file);
    }
  }
  const suspects = known === 0 ? strays.filter(({ id }) => id !== null) : [];
  const isSuspect = suspects.length >= SUSPECT_FROM;
  const discarded = isSuspect ? strays.filter(({ id }) => id === null) : strays;
  for (const { path } of discarded) await files.discard(path);
  return {
    discarded: discarded.length,
    suspect: isSuspect ? suspects.length : 0,
    missing: await findMissing(deps),
  };
}

async function findMissing({ documents, files }: StrayDeps): Promise<string[]> {
  const missing: string[] = [];
  for (const shard of ALL_SHARDS) {
    for await (const ids of documents.allOf(shard)) {
      const gone = await mapBounded(ids, AT_ONCE, async (id) => {
        if (await files.exists(id)) return [];
        // Asked after the file: one that is being removed is no loss.
        return (await documents.find(id)) === undefined ? [] : [id];
      });
      missing.push(...gone.flat());
    }
  }
  return missing;
}
