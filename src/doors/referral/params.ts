import { z } from '@hono/zod-openapi';

/** Path segment of a link. */
export const codeParamSchema = z
  .string()
  .max(64)
  .openapi({ description: 'Code of the link', example: 'acme-home', param: { name: 'code', in: 'path' } });
