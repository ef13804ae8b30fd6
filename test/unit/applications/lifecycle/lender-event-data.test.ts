import { describe, expect, test } from 'vitest';
import { LENDER_EVENT_DATA } from '../../../../src/applications/lifecycle/lender-event-data.ts';

const action = { type: 'redirect', scene: 'apply', expires_at: '2026-04-01T00:00:00Z' };

function accepts(change: object): boolean {
  return LENDER_EVENT_DATA['action.required'].safeParse({ ...action, ...change }).success;
}

describe('what a lender asks of an applicant', () => {
  test.each(['https://quickcredit.example/a/1?x=1', 'http://127.0.0.1:9000/a', 'http://localhost/a'])(
    'may be at %s',
    (url) => {
      expect(accepts({ url })).toBe(true);
    },
  );

  test.each([
    'javascript:alert(1)',
    'data:text/html,<script>',
    'http://quickcredit.example/a',
    'http://localhost.evil.example/',
    'https://quickcredit.example/路',
    'https://quickcredit.example/\r\nSet-Cookie: a=b',
    '/a/1',
  ])('is never a page at %j', (url) => {
    expect(accepts({ url })).toBe(false);
  });

  test('lapses in a year of four digits, so that instants stay in order as text', () => {
    expect(accepts({ expires_at: '9999-12-31T23:59:59-14:00' })).toBe(false);
    expect(accepts({ expires_at: 'soon' })).toBe(false);
    expect(accepts({ expires_at: '9999-12-31T23:59:59Z' })).toBe(true);
  });
});
