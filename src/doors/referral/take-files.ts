import { DOCUMENT_MAX_BYTES } from '../../applications/documents/document.ts';
import { sniffContentType } from '../../applications/documents/sniff-content-type.ts';
import { receiveDocument } from '../../intake/receive-document.ts';
import { spendToday } from '../../intake/spend-today.ts';
import { FILE_PREFIX } from './action-form.ts';
import type { ReferralDeps } from './referral-deps.ts';

/** What is wrong with a file, as the name of its sentence. */
export type FileFault = 'fileWanted' | 'fileUnfit' | 'fileTooLarge' | 'filesFull';

export interface TakenFiles {
  /** As a supplement refers to them. */
  readonly documents: readonly { readonly kind: string; readonly document_id: string }[];
  /** By kind of document. */
  readonly faults: Readonly<Record<string, FileFault>>;
}

const MEGABYTE = 1_000_000;

class UploadsSpentError extends Error {}

/**
 * Takes the files of a form in, each by what its bytes are. They count against what the partner may upload in a day, like
 * those that it sends itself.
 * @param mayStore whether the rest of the form is right; otherwise files are only checked, and have to be chosen again
 */
export async function takeFiles(
  deps: ReferralDeps,
  partnerId: string,
  kinds: readonly string[],
  files: ReadonlyMap<string, Uint8Array>,
  mayStore: boolean,
): Promise<TakenFiles> {
  const faults: Record<string, FileFault> = {};
  for (const kind of kinds) {
    const bytes = files.get(`${FILE_PREFIX}${kind}`);
    if (bytes === undefined) faults[kind] = 'fileWanted';
    else if (bytes.length > DOCUMENT_MAX_BYTES) faults[kind] = 'fileTooLarge';
    else if (sniffContentType(bytes) === undefined) faults[kind] = 'fileUnfit';
  }
  if (!mayStore || Object.keys(faults).length > 0) return { documents: [], faults };
  const documents: { kind: string; document_id: string }[] = [];
  for (const kind of kinds) {
    const id = await store(deps, partnerId, kind, files.get(`${FILE_PREFIX}${kind}`) ?? new Uint8Array());
    if (id === undefined) return { documents: [], faults: { [kind]: 'filesFull' } };
    documents.push({ kind, document_id: id });
  }
  return { documents, faults: {} };
}

/** @returns the document's id; undefined when nothing more may be stored today */
async function store(
  { page, documentFiles }: ReferralDeps,
  partnerId: string,
  kind: string,
  bytes: Uint8Array,
): Promise<string | undefined> {
  const contentType = sniffContentType(bytes);
  const partner = page.registry().traffic.get(partnerId);
  if (documentFiles === null || contentType === undefined || partner === undefined) return undefined;
  const budget = partner.limits.upload_megabytes_per_day * MEGABYTE;
  const mayStore = async (count: number): Promise<void> => {
    if (!(await spendToday(page, partnerId, 'uploads', count, budget)).ok) throw new UploadsSpentError();
  };
  try {
    const received = await receiveDocument({ ...page, files: documentFiles, mayStore }, partnerId, {
      kind,
      contentType,
      bytes,
    });
    return received.document.id;
  } catch (error) {
    if (error instanceof UploadsSpentError) return undefined;
    throw error;
  }
}
