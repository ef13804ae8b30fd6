import type { z } from '@hono/zod-openapi';

/**
 * A JSON answer whose body another room makes: the schema documents it, that room's view types it. Answers are not validated
 * again while they are sent; tests hold the views against these schemas.
 */
export function viewAnswer(schema: z.ZodType, description: string) {
  // biome-ignore lint/suspicious/noExplicitAny: the view's own type is checked where it is made
  const content = { 'application/json': { schema: schema as z.ZodType<any, any> } };
  return { description, content };
}
