import { z } from '@hono/zod-openapi';

/** Headers of everything that is read from the catalogue. */
export const shelfHeaders = z.object({
  ETag: z.string().openapi({
    description: 'Strong: the same bytes. Send it back as If-None-Match',
    example: '"9fQm2Zr0cW1b7xT4uLk8sA"',
  }),
  Vary: z.string().openapi({ description: 'What else the answer depends on', example: 'Accept-Language' }),
  'Content-Language': z.string().openapi({ description: 'Language of names: zh or en', example: 'zh' }),
});
