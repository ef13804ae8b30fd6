import { describe, expect, test } from 'vitest';
import { checkEntry, dateOfDay, dayOfDate } from '../../../../src/screening/lists/entry-rules.ts';
import { type ListEntryInput, listEntrySchema } from '../../../../src/screening/lists/entry-schema.ts';

const TODAY = dayOfDate('2026-03-02');

function check(more: Partial<ListEntryInput>) {
  const entry: ListEntryInput = {
    subject: { phone: '13800138000' },
    list: 'block',
    scope: 'funder:harbour',
    reason: 'fraud',
    ...more,
  };
  const checked = checkEntry(entry, TODAY);
  return checked.ok ? checked : checked.faults.map(({ pointer, code }) => `${pointer} ${code}`);
}

describe('an entry', () => {
  test.each([
    ['overdue', 'network', false],
    ['overdue', 'partner:acme', false],
    ['overdue', 'lender:q', true],
    ['overdue', 'funder:harbour', true],
    ['fraud', 'network', true],
    ['device_unidentified', 'network', true],
    ['deceased', 'network', true],
    ['litigation', 'network', true],
    ['contacts', 'network', false],
    ['region', 'network', false],
    ['other', 'network', false],
    ['other', 'partner:acme', true],
    ['contacts', 'partner:acme', true],
  ] as const)('that blocks for %s in scope %s: allowed is %s', (reason, scope, isAllowed) => {
    const checked = check({ reason, scope });
    if (isAllowed) expect(checked).toMatchObject({ ok: true });
    else expect(checked).toEqual(['/reason reason_not_in_scope']);
  });

  test.each([
    ['good_standing', 'lender:q', []],
    ['good_standing', 'partner:acme', ['/reason reason_not_in_scope']],
    ['good_standing', 'network', ['/reason reason_not_in_scope']],
    ['fraud', 'lender:q', ['/reason reason_not_for_list']],
    ['other', 'partner:acme', []],
  ] as const)('of trust for %s in scope %s', (reason, scope, faults) => {
    const checked = check({ list: 'trust', reason, scope });
    expect(Array.isArray(checked) ? checked : []).toEqual(faults);
  });

  test('nobody is blocked for good standing', () => {
    expect(check({ reason: 'good_standing' })).toEqual(['/reason reason_not_for_list']);
  });

  test('of a customer has a status and the scope of one lender; other lists have neither status nor retry_at', () => {
    const customer = { list: 'customer', reason: 'other' } as const;
    expect(
      check({ ...customer, scope: 'lender:q', status: 'refused', retry_at: '2026-04-01T00:00:00Z' }),
    ).toMatchObject({ ok: true });
    expect(check({ ...customer, scope: 'lender:q' })).toEqual(['/status status_missing']);
    expect(check({ ...customer, scope: 'funder:harbour', status: 'has_loan' })).toEqual(['/scope scope_not_for_list']);
    expect(check({ status: 'has_loan', retry_at: '2026-04-01T00:00:00Z' })).toEqual([
      '/status status_not_for_list',
      '/retry_at retry_at_not_for_list',
    ]);
  });

  test.each([
    ['phone', { phone: '13800138000' }, '2026-08-29'],
    ['device', { device_id: 'abcd-1234' }, '2026-08-29'],
    ['address', { ip: '203.0.113.7' }, '2026-08-29'],
    ['id number', { id_number: '11010519491231002X' }, '2031-03-02'],
    ['bank card', { bank_card: '6222021234567890128' }, '2031-03-02'],
  ])('about a %s lives no longer than its kind may', (_, subject, longest) => {
    expect(check({ subject })).toMatchObject({ ok: true, expiresDay: dayOfDate(longest) });
    expect(check({ subject, expires_on: longest })).toMatchObject({ ok: true });
    expect(check({ subject, expires_on: dateOfDay(dayOfDate(longest) + 1) })).toEqual(['/expires_on expires_too_late']);
    expect(check({ subject, expires_on: '2026-03-02' })).toMatchObject({ ok: true });
    expect(check({ subject, expires_on: '2026-03-01' })).toEqual(['/expires_on expires_in_past']);
  });

  test('about a region may stand for ever', () => {
    expect(check({ subject: { region: '54' }, reason: 'region' })).toMatchObject({ ok: true, expiresDay: null });
  });

  test('is about exactly one identifier, and not a masked one', () => {
    expect(check({ subject: {} })).toEqual(['/subject subject_not_one']);
    expect(check({ subject: { phone: '13800138000', region: '54' } })).toEqual(['/subject subject_not_one']);
    expect(check({ subject: { phone: { masked: '138001380**' } } })).toEqual(['/subject/phone masked_not_listed']);
  });

  test('keeps identities out of its free texts', () => {
    expect(
      check({ note: 'call 13800138000', group: '11010519491231002X', basis: { kind: 'case', ref: '13900139000' } }),
    ).toEqual(['/group text_holds_identity', '/note text_holds_identity', '/basis/ref text_holds_identity']);
    expect(check({ note: 'case 2026-0117', group: 'case-77' })).toMatchObject({ ok: true });
  });

  test('tells all its faults at once', () => {
    expect(check({ reason: 'overdue', scope: 'network', status: 'settled', expires_on: '2020-01-01' })).toEqual([
      '/reason reason_not_in_scope',
      '/status status_not_for_list',
      '/expires_on expires_in_past',
    ]);
  });
});

describe('an entry on the wire', () => {
  const wire = { subject: { phone: '13800138000' }, list: 'block', scope: 'network', reason: 'fraud' };

  test.each([
    ['scope', { scope: 'bank:x' }],
    ['scope', { scope: 'funder:' }],
    ['list', { list: 'grey' }],
    ['subject', { subject: { region: '5' } }],
    ['subject', { subject: { ip: 'localhost' } }],
    ['subject', { subject: { phone: { md5: 'ABC' } } }],
    ['expires_on', { expires_on: '2026-02-30' }],
    ['group', { group: 'a b' }],
  ])('is refused for a malformed %s', (field, more) => {
    expect(listEntrySchema.safeParse(wire).success).toBe(true);
    const read = listEntrySchema.safeParse({ ...wire, ...more });
    expect(read.error?.issues[0]?.path[0]).toBe(field);
  });
});
