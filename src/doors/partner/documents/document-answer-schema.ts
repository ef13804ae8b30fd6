import { z } from '@hono/zod-openapi';
import { DOCUMENT_MAX_BYTES } from '../../../applications/documents/document.ts';
import { DOCUMENT_CONTENT_TYPES } from '../../../applications/documents/sniff-content-type.ts';
import { idSchema, instantSchema } from '../../../http/common-schemas.ts';
import { DOCUMENT_KINDS } from '../../../registry/schema/field-catalogue.ts';
import { sha256Schema } from '../../schemas/scalars.ts';

/** A stored document as its partner is told of it. */
export const documentAnswerSchema = z
  .object({
    id: idSchema('doc').openapi({ description: 'Refer to it by this in `documents[].document_id`' }),
    kind: z.enum(DOCUMENT_KINDS).openapi({ description: 'What it shows', example: 'id_front' }),
    sha256: sha256Schema.openapi({ description: 'SHA-256 of the bytes that we have, lower-case hex' }),
    content_type: z
      .enum(DOCUMENT_CONTENT_TYPES)
      .openapi({ description: 'What the bytes are, by their beginning', example: 'image/jpeg' }),
    bytes: z.int().min(1).max(DOCUMENT_MAX_BYTES).openapi({ description: 'Size in bytes', example: 204_800 }),
    expires_at: instantSchema.openapi({
      description: 'It is deleted then unless an application uses it',
      example: '2026-01-02T00:00:00.000Z',
    }),
  })
  .openapi('StoredDocument', { description: 'A document that was taken in' });
