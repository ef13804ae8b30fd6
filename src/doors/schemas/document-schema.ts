import { z } from '@hono/zod-openapi';
import { DOCUMENT_MAX_BYTES } from '../../applications/documents/document.ts';
import { DOCUMENT_CONTENT_TYPES } from '../../applications/documents/sniff-content-type.ts';
import { idSchema } from '../../http/common-schemas.ts';
import { DOCUMENT_KINDS } from '../../registry/schema/field-catalogue.ts';
import { urlFault } from '../../registry/validate-url.ts';
import { sha256Schema, webUrlSchema } from './scalars.ts';

/** A photo or file about the applicant: one that was uploaded here, or one to fetch. */
export const documentSchema = z
  .strictObject({
    kind: z.enum(DOCUMENT_KINDS).openapi({ description: 'What it shows', example: 'id_front' }),
    document_id: idSchema('doc')
      .optional()
      .openapi({ description: 'Id of a document that you sent to `POST /v1/documents`; the rest is filled in' }),
    url: webUrlSchema
      .superRefine((url, context) => {
        const message = urlFault(url, 'live');
        if (message !== null) context.addIssue({ code: 'custom', message, params: { code: 'format' } });
      })
      .optional()
      .openapi({
        description: 'Where the lender can fetch it, https and public; passed on, we never fetch it',
        example: 'https://acme.example/d/1',
      }),
    sha256: sha256Schema.optional().openapi({ description: 'SHA-256 of the bytes, lower-case hex; needed with url' }),
    content_type: z
      .enum(DOCUMENT_CONTENT_TYPES)
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
