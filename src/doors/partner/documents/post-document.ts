import { createRoute, z } from '@hono/zod-openapi';
import { DOCUMENT_MAX_BYTES } from '../../../applications/documents/document.ts';
import { DocumentStorageError } from '../../../applications/documents/document-files.ts';
import { DOCUMENT_CONTENT_TYPES } from '../../../applications/documents/sniff-content-type.ts';
import { isoOf } from '../../../base/clock.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, problemResponses, replayHeaders, signedProblems } from '../../../http/problem-responses.ts';
import { limitedBy } from '../../../http/rate-limit-fields.ts';
import { addLogFields, partyOf, rawBodyOf, requestOf } from '../../../http/request-context.ts';
import { receiveDocument } from '../../../intake/receive-document.ts';
import { spendToday } from '../../../intake/spend-today.ts';
import { DOCUMENT_KINDS } from '../../../registry/schema/field-catalogue.ts';
import type { TrafficPartner } from '../../../registry/schema/traffic-partner.ts';
import { viewAnswer } from '../../schemas/view-answer.ts';
import type { PartnerDeps, PartnerDoor } from '../partner-deps.ts';
import { documentAnswerSchema } from './document-answer-schema.ts';
import { readUpload } from './read-upload.ts';

/** The form around the largest file: boundaries and the headers of its parts. */
const FORM_BYTES = 16 * 1024;
const RETRY_AFTER_SECONDS = '30';

const uploadSchema = z
  .strictObject({
    kind: z.enum(DOCUMENT_KINDS).openapi({ description: 'What it shows', example: 'id_front' }),
    file: z.string().openapi({
      format: 'binary',
      description: 'The bytes, at most 10 MiB, with the Content-Type that they have. A file name is not kept',
      example: '(bytes of a photo)',
    }),
  })
  .openapi('UploadDocument', { description: 'One document' });

const route = createRoute({
  method: 'post',
  path: '/v1/documents',
  operationId: 'uploadDocument',
  tags: ['Documents'],
  summary: 'Send in a photo, PDF or video of an applicant',
  description:
    'As `multipart/form-data` with the parts `kind` and `file`: JPEG, PNG, PDF or MP4, by its bytes and as declared. Signed like every request: `Content-Digest` is that of the whole body. Refer to the answered id in `documents` of an application or a supplement; what no application uses is deleted after 24 hours. The same bytes as the same `kind` are answered with the same id and `Idempotent-Replayed: true`, and the 24 hours begin again.',
  'x-max-body-bytes': DOCUMENT_MAX_BYTES + FORM_BYTES,
  request: {
    body: {
      description: 'The document',
      required: true,
      content: {
        'multipart/form-data': {
          schema: uploadSchema,
          encoding: { kind: { contentType: 'text/plain' }, file: { contentType: DOCUMENT_CONTENT_TYPES.join(', ') } },
        },
      },
    },
  },
  responses: {
    201: { ...viewAnswer(documentAnswerSchema, 'The document; it is on disk'), headers: replayHeaders },
    ...problemResponses(...signedProblems, ...bodyProblems),
  },
});

/** `POST /v1/documents`. */
export function registerPostDocument(door: PartnerDoor, deps: PartnerDeps): void {
  door.openapi(route, async (c) => {
    const upload = readUpload(c.req.header('content-type') ?? '', rawBodyOf(c), deps.env);
    if (upload.unknownFields.length > 0) requestOf(c).unknownFields = upload.unknownFields;
    const { intake, documentFiles: files } = deps;
    const partner = partyOf(c);
    const mayStore = (bytes: number): Promise<void> => spendUpload(intake, partner, bytes);
    const received = await receiveDocument({ ...intake, files, mayStore }, partner.id, upload).catch(
      (error: unknown) => {
        if (!(error instanceof DocumentStorageError)) throw error;
        deps.logger.error({ err: error }, 'a document could not be stored');
        throw new ProblemError('dependency_unavailable', 'the document could not be stored', {
          headers: { 'Retry-After': RETRY_AFTER_SECONDS },
        });
      },
    );
    const { document, replayed } = received;
    const { id, kind, sha256, contentType, bytes, expiresMs } = document;
    addLogFields(c, { document_id: id, kind });
    const answer = { id, kind, sha256, content_type: contentType, bytes, expires_at: isoOf(expiresMs) };
    return c.json(answer, 201, replayed ? { 'Idempotent-Replayed': 'true' } : {});
  });
}

const MEGABYTE = 1_000_000;

/** @throws ProblemError 429 when the partner has stored as much today as it may */
async function spendUpload(
  intake: PartnerDeps['intake'],
  { id, limits: { upload_megabytes_per_day: megabytes } }: TrafficPartner,
  bytes: number,
): Promise<void> {
  const { ok, resetInSeconds } = await spendToday(intake, id, 'uploads', bytes, megabytes * MEGABYTE);
  if (!ok) throw limitedBy('uploads', `more than ${megabytes} MB of documents today`, resetInSeconds);
}
