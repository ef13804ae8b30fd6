import { createRoute, z } from '@hono/zod-openapi';
import type { StoredDocument } from '../../../applications/documents/document.ts';
import { type DocumentFiles, DocumentStorageError } from '../../../applications/documents/document-files.ts';
import { DOCUMENT_CONTENT_TYPES } from '../../../applications/documents/sniff-content-type.ts';
import { pathIdSchema } from '../../../http/common-schemas.ts';
import { ProblemError } from '../../../http/problem.ts';
import { problemResponses, type ResponseHeader, signedProblems } from '../../../http/problem-responses.ts';
import { addLogFields, partyOf } from '../../../http/request-context.ts';
import type { Access } from '../../../identity/seal.ts';
import { documentForLender } from '../../../intake/document-for-lender.ts';
import type { LenderDeps, LenderDoor } from '../lender-deps.ts';

const RETRY_AFTER_SECONDS = '30';

const bytesSchema = z.string().openapi({ format: 'binary', description: 'The bytes as the partner sent them' });

function header(description: string, example: string | number): ResponseHeader {
  return { description, schema: { type: typeof example === 'number' ? 'integer' : 'string', example } };
}

const route = createRoute({
  method: 'get',
  path: '/lender/v1/documents/{id}',
  operationId: 'getDocument',
  tags: ['Documents'],
  summary: 'Fetch a document of an application that you were given',
  description:
    'The bytes behind a `document_id` in `documents` of what we sent you. They are checked as a whole before the first one is sent; should the connection break all the same, `Content-Length` and `Content-Digest` (RFC 9530) tell. A document is there as long as the personal data of the application; every reading is logged. An id that is not yours is 404.',
  request: { params: z.strictObject({ id: pathIdSchema('doc') }) },
  responses: {
    200: {
      description: 'The document',
      headers: {
        'Content-Length': header('Size in bytes', 204_800),
        'Content-Digest': header(
          'SHA-256 of the bytes (RFC 9530): the `sha256` that you were told, in base64',
          'sha-256=:HyEv6D1vRDzROfl69CzjN/cEptXALw0MmTcN84Hiujs=:',
        ),
        'Content-Disposition': header('Always a download', 'attachment'),
        'X-Content-Type-Options': header('Always nosniff', 'nosniff'),
        'Cache-Control': header('Always no-store', 'no-store'),
      },
      content: Object.fromEntries(DOCUMENT_CONTENT_TYPES.map((type) => [type, { schema: bytesSchema }])),
    },
    ...problemResponses(...signedProblems, 'not_found', 'document_damaged'),
  },
});

/** `GET /lender/v1/documents/{id}`. */
export function registerGetDocument(door: LenderDoor, deps: LenderDeps): void {
  door.openapi(route, async (c) => {
    const { id: lenderId } = partyOf(c);
    const { documents, documentFiles: files, store } = deps;
    const found = await documentForLender({ documents, store }, lenderId, c.req.valid('param').id);
    if (found === undefined) throw new ProblemError('not_found');
    const { document, applicationId } = found;
    addLogFields(c, { document_id: document.id, application_id: applicationId });
    await assertWhole(deps, document);
    const access: Access = { purpose: 'lender_document', applicationId, actor: lenderId };
    return new Response(streamOf(files, document.id, access), {
      headers: {
        'Content-Type': document.contentType,
        'Content-Length': String(document.bytes),
        'Content-Digest': `sha-256=:${Buffer.from(document.sha256, 'hex').toString('base64')}:`,
        'Content-Disposition': 'attachment',
        'X-Content-Type-Options': 'nosniff',
      },
    });
  });
}

/**
 * @throws ProblemError 410 when the bytes are not those that were stored; 503 when they cannot be read now: the folder or the
 * sealing key may come back
 */
async function assertWhole(
  { documentFiles: files, logger }: Pick<LenderDeps, 'documentFiles' | 'logger'>,
  document: StoredDocument,
): Promise<void> {
  const check = await files.check(document.id, document).catch((error: unknown) => {
    if (!(error instanceof DocumentStorageError)) throw error;
    logger.error({ err: error, document_id: document.id }, 'the folder of documents cannot be read');
    return { kind: 'unreadable' as const };
  });
  if (check.kind === 'whole') return;
  if (check.kind !== 'unreadable') logger.error({ document_id: document.id, check }, 'a document cannot be read');
  if (check.kind === 'damaged') throw new ProblemError('document_damaged');
  throw new ProblemError('dependency_unavailable', 'the document cannot be read now', {
    headers: { 'Retry-After': RETRY_AFTER_SECONDS },
  });
}

/** Frame by frame, as the client takes them; nothing is opened before the first is asked for. */
function streamOf(files: Pick<DocumentFiles, 'read'>, id: string, access: Access): ReadableStream<Uint8Array> {
  const frames = files.read(id, access);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await frames.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await frames.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
