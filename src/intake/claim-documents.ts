import type { DocumentRecords, NotedUse } from '../applications/documents/document-records.ts';
import type { Clock } from '../base/clock.ts';
import { isId } from '../base/ids.ts';
import type { InputFault } from './intake-deps.ts';

export interface ClaimDocumentsDeps {
  readonly documents: DocumentRecords;
  readonly clock: Clock;
}

/** A document as it is given with an application or a supplement: of ours by its id, or the partner's own by its URL. */
export type GivenDocument = Readonly<Record<string, unknown>>;

export type ClaimedDocuments =
  /** As they are passed on to the lender: `{kind, document_id | url, sha256, content_type, bytes}`. */
  | { readonly ok: true; readonly documents: readonly GivenDocument[] }
  | { readonly ok: false; readonly faults: readonly InputFault[] };

/** A claimed document, or what is wrong with it. */
type Claim =
  | { readonly given: GivenDocument; readonly use: NotedUse | null; readonly faults: readonly [] }
  | { readonly faults: readonly InputFault[]; readonly use: NotedUse | null };

/**
 * Claims the documents that an application or a supplement refers to: from then on they live as long as the application's sealed
 * data. Doing it again changes nothing. All or none: with a fault, what was claimed just now is given back. What is claimed for
 * an application that is never recorded is given back by the sweep. Unknown, another partner's, over and of another kind are one
 * fault, `document_unknown`, so that ids cannot be probed.
 * @param documents pointers of faults begin with `/documents/<index>`
 */
export async function claimDocuments(
  deps: ClaimDocumentsDeps,
  partnerId: string,
  applicationId: string,
  documents: readonly GivenDocument[],
): Promise<ClaimedDocuments> {
  const claims = await Promise.all(
    documents.map((given, index) => claimOne(deps, partnerId, applicationId, given, `/documents/${index}`)),
  );
  const faults = claims.flatMap((claim) => claim.faults);
  if (faults.length === 0) return { ok: true, documents: claims.flatMap((one) => ('given' in one ? [one.given] : [])) };
  const fresh = claims.flatMap(({ use }) => (use?.isNew ? [use.document.id] : []));
  await releaseDocuments(deps, applicationId, fresh);
  return { ok: false, faults };
}

/**
 * Gives claimed documents of an application back, all of them by default: they wait for the end of their upload again. For an
 * application that was refused.
 */
export async function releaseDocuments(
  { documents, clock }: ClaimDocumentsDeps,
  applicationId: string,
  ids?: readonly string[],
): Promise<void> {
  const released = ids ?? (await documents.ofApplication(applicationId));
  await Promise.all(released.map((id) => documents.dropUse(id, applicationId, 'expire', clock.nowMs())));
  await documents.unlist(applicationId, released);
}

async function claimOne(
  { documents, clock }: ClaimDocumentsDeps,
  partnerId: string,
  applicationId: string,
  given: GivenDocument,
  pointer: string,
): Promise<Claim> {
  const { kind, document_id: id } = given;
  if (id === undefined || id === null) return { given, use: null, faults: [] };
  const isOurs = typeof id === 'string' && isId('doc', id) && typeof kind === 'string';
  const by = { partnerId, kind: String(kind), applicationId };
  const use = isOurs ? await documents.use(id, by, clock.nowMs()) : undefined;
  if (use === undefined) return { use: null, faults: [unknownDocument(pointer)] };
  const { sha256, contentType, bytes } = use.document;
  const known = { sha256, content_type: contentType, bytes };
  const isGiven = (name: string): boolean => given[name] !== undefined && given[name] !== null;
  const differing = Object.entries(known).filter(([name, value]) => isGiven(name) && given[name] !== value);
  if (differing.length > 0) return { use, faults: differing.map(([name]) => mismatch(`${pointer}/${name}`)) };
  return { given: { ...given, ...known }, use, faults: [] };
}

function unknownDocument(pointer: string): InputFault {
  return {
    pointer: `${pointer}/document_id`,
    code: 'document_unknown',
    message: 'names no document of yours of this kind that is not over; send it in again',
  };
}

function mismatch(pointer: string): InputFault {
  return {
    pointer,
    code: 'document_mismatch',
    message: 'is not that of the document; leave it out, or send the right document',
  };
}
