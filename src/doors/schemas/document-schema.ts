import { z } from '@hono/zod-openapi';
import { idSchema } from '../../http/common-schemas.ts';
import { DOCUMENT_KINDS } from '../../registry/schema/field-catalogue.ts';
import { sha256Schema, webUrlSchema } from './scalars.ts';

const DOCUMENT_MAX_BYTES = 10 * 1024 * 1024;

/** A photo or file about the applicant: one that was uploaded here, or one to fetch. */
export const documentSchema = z
  .strictObject({
    kind: z.enum(DOCUMENT_KINDS).openapi({ description: 'What it shows', example: 'id_front' }),
    document_id: idSchema('doc').optional().openapi({ description: 'Id of an uploaded document' }),
    url: webUrlSchema
      .optional()
      .openapi({ description: 'Where it can be fetched, https', example: 'https://acme.example/d/1' }),
    sha256: sha256Schema.optional().openapi({ description: 'SHA-256 of the bytes, lower-case hex; needed with url' }),
    content_type: z
      .enum(['image/jpeg', 'image/png', 'application/pdf', 'video/mp4'])
      .optional()
      .openapi({ description: 'Media type', example: 'image/jpeg' }),
    bytes: z.int().min(1).max(DOCUMENT_MAX_BYTES).optional().openapi({ description: 'Size in bytes', example: 204800 }),
  })
  .refine((document) => (document.document_id === undefined) !== (document.url === undefined), {
    error: 'give exactly one of document_id, url',
  })
  .refine((document) => document.url === undefined || document.sha256 !== undefined, {
    error: 'is required beside url',
    path: ['sha256'],
  })
  .openapi('Document', { description: 'A document of the applicant' });
