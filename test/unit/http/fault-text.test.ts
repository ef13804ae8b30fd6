import { z } from '@hono/zod-openapi';
import { describe, expect, test } from 'vitest';
import { faultText } from '../../../src/http/fault-text.ts';

const first = (schema: z.ZodType, value: unknown): string =>
  faultText(schema.safeParse(value).error?.issues[0]?.message ?? '');

describe('what a schema says', () => {
  test.each([
    [z.object({ amount: z.int() }), 5, 'must be an object, not a number'],
    [z.int(), 1.5, 'must be a whole number'],
    [z.string(), null, 'must be a string, not null'],
    [z.array(z.string()), 'a', 'must be an array, not a string'],
    [z.enum(['month', 'day']), 'year', 'must be one of month, day'],
    [z.literal('all'), 'some', 'must be "all"'],
    [z.string().min(1), '', 'must have at least 1 character'],
    [z.string().max(3), 'long', 'must have at most 3 characters'],
    [z.array(z.int()).min(1), [], 'must have at least 1 item'],
    [z.int().min(3), 2, 'must be at least 3'],
    [z.int().positive(), 0, 'must be above 0'],
    [z.int().max(3), 4, 'must be at most 3'],
    [z.email(), 'nope', 'is not a valid email address'],
    [z.iso.date(), 'tomorrow', 'is not a valid ISO date'],
    [z.string().regex(/^a$/), 'b', 'must match /^a$/'],
  ])('goes on from the name of the field: %#', (schema, value, text) => {
    expect(first(schema, value)).toBe(text);
  });

  test('stays as it is where it is ours', () => {
    expect(first(z.string().regex(/^a$/, 'must be an a'), 'b')).toBe('must be an a');
    expect(faultText('is required')).toBe('is required');
  });
});
