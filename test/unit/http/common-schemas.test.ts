import { describe, expect, test } from 'vitest';
import { bookDaySchema, dateSchema, instantSchema } from '../../../src/http/common-schemas.ts';

describe('times in requests', () => {
  test.each([
    '9999-12-31T23:59:59-14:00',
    '0000-01-01T00:00:00+14:00',
    '2026-02-30T00:00:00Z',
    '2026-01-01T00:00:00',
    '2026-01-01',
  ])('%s is no instant that can be kept in order', (text) => {
    expect(instantSchema.safeParse(text).success).toBe(false);
  });

  test.each(['2026-01-01T00:00:00Z', '2026-01-01T08:00:00.5+08:00', '9999-12-31T23:59:59Z'])('%s is one', (text) => {
    expect(instantSchema.safeParse(text).success).toBe(true);
  });

  test('a card may be valid until 9999-12-31, but no range of the books ends there', () => {
    expect(dateSchema.safeParse('9999-12-31').success).toBe(true);
    expect(bookDaySchema.safeParse('9999-12-31').success).toBe(false);
    expect(bookDaySchema.safeParse('2026-12-31').success).toBe(true);
  });
});
