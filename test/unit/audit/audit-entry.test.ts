import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AUDIT_GENESIS,
  type AuditDraft,
  type AuditEntry,
  type AuditView,
  canonicalText,
  checkAuditLink,
  hashAuditEntry,
  sealAuditEntry,
} from '../../../src/audit/audit-entry.ts';
import {
  AUDIT_REASON_MAX,
  assertAuditable,
  faultOfView,
  redactedReason,
  redactedView,
} from '../../../src/audit/audit-view.ts';
import { readReason } from '../../../src/doors/operator/audited.ts';

const KEY = new Uint8Array(32).fill(7);
const OTHER_KEY = new Uint8Array(32).fill(8);
const NOW = '2026-03-02T04:05:06.000Z';

function draft(over: Partial<AuditDraft> = {}): AuditDraft {
  return {
    actor: { name: 'li.na', role: 'finance' },
    action: 'period.lock',
    object: { kind: 'period', id: 'acme/main/2026-01-01' },
    reason: '月结',
    before: { state: 'review' },
    after: null,
    outcome: 'intended',
    code: null,
    intent: null,
    request_id: 'req_1',
    ...over,
  };
}

/** The same value with the members of every object in the opposite order. */
function turned(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turned);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, member]) => [name, turned(member)]),
  );
}

const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const view = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,8}$/),
  fc.oneof(text, fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)),
  { maxKeys: 5, noNullPrototype: true },
) as fc.Arbitrary<AuditView>;

describe('the form of an entry', () => {
  test('has one text whatever the order of its members, and reads back as itself', () => {
    fc.assert(
      fc.property(view, text, (before, reason) => {
        const entry = sealAuditEntry(AUDIT_GENESIS, draft({ before, reason }), NOW, KEY);
        const stored = canonicalText(entry);
        const read = JSON.parse(stored) as AuditEntry;
        expect(canonicalText(turned(entry) as object)).toBe(stored);
        expect(canonicalText(read)).toBe(stored);
        expect(hashAuditEntry(read)).toBe(entry.hash);
        expect(checkAuditLink(AUDIT_GENESIS, read, KEY)).toBeNull();
      }),
    );
  });

  test('any member that changes is found, and a chain made with another key too', () => {
    const entry = sealAuditEntry(AUDIT_GENESIS, draft(), NOW, KEY);
    for (const field of Object.keys(entry)) {
      const changed = { ...entry, [field]: field === 'seq' ? 2 : { changed: true } } as unknown as AuditEntry;
      expect(checkAuditLink(AUDIT_GENESIS, changed, KEY), field).not.toBeNull();
    }
    expect(checkAuditLink(AUDIT_GENESIS, { ...entry, added: 1 } as AuditEntry, KEY)).toBe('hash_mismatch');
    expect(checkAuditLink(AUDIT_GENESIS, sealAuditEntry(AUDIT_GENESIS, draft(), NOW, OTHER_KEY), KEY)).toBe(
      'mac_mismatch',
    );
  });

  test('times never go back, even when a clock does', () => {
    const first = sealAuditEntry(AUDIT_GENESIS, draft(), NOW, KEY);
    const second = sealAuditEntry(first, draft(), '2026-03-02T04:05:05.000Z', KEY);
    expect(second.at).toBe(NOW);
    expect(checkAuditLink(first, second, KEY)).toBeNull();
  });
});

describe('what may be written', () => {
  test.each([
    'phone',
    'phone_token',
    'id_number',
    'applicant_name',
    'applicant',
    'token',
    'admin_token',
    'clientSecret',
    'secret',
    'bank_card',
    'device_id',
    'ip',
    'email',
    'private_key',
  ])('a field called %s is refused wherever it stands', (name) => {
    expect(faultOfView({ list: [{ [name]: 'x' }] })).toEqual({ pointer: `/list/0/${name}`, why: 'forbidden_name' });
    const intent = { action: 'a_thing.do', object: { kind: 'thing', id: 'x' }, before: { [name]: 'x' } };
    expect(() => assertAuditable(intent)).toThrow(/forbidden_name/);
  });

  test.each(['13800138000', '+86 13800138000', '11010519491231002X', '6222020200112233445', `slo_${'a'.repeat(43)}`])(
    'a value that looks like %s is refused whatever its field is called, and as the id of an object',
    (value) => {
      expect(faultOfView({ note: `see ${value}.` })?.why).toBe('forbidden_text');
      expect(() =>
        assertAuditable({ action: 'a_thing.do', object: { kind: 'thing', id: value }, before: null }),
      ).toThrow(/identity or a secret/);
      expect(redactedReason(`caller ${value} asked`)).not.toContain(value);
    },
  );

  test.each([
    '138 0013 8000',
    '138-0013-8000',
    '+86 138 0013 8000',
    '１３８００１３８０００',
    '110105 1949 1231 002X',
    '6222 0212 3456 7890 128',
  ])('an identity that somebody types as people do (%s) is starred out of a reason', (typed) => {
    for (const reason of [typed, `电话${typed}的客户`, `(${typed})`]) {
      expect(redactedReason(reason)).not.toContain(typed);
      expect(redactedReason(reason)).toContain('****');
    }
  });

  test('tickets, dates, instants, amounts and our ids stay in a reason', () => {
    const reason =
      'ticket 10023004567 of 2026-03-02 4711, 2026-03-09T04:05:06.000Z, 1,234,567.89 CNY, 1767225600000-0, ' +
      'app_13800138000000000000000000000000';
    expect(redactedReason(reason)).toBe(reason);
  });

  test('ids, hashes, instants and amounts are no identities', () => {
    const harmless: AuditView = {
      id: 'app_13800138000000000000000000000000',
      position: '1767225600000-0',
      sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      at: NOW,
      amount: 13800138000,
    };
    expect(faultOfView(harmless)).toBeNull();
  });

  test('a view of what has happened never gets in the way: what is wrong with it is kept instead', () => {
    expect(redactedView({ phone: 'x' }).view).toEqual({ withheld: 'forbidden_name', pointer: '/phone' });
    expect(redactedView({ note: 'x'.repeat(5_000) }).view).toEqual({ withheld: 'too_large', pointer: '' });
    expect(redactedView({ rate: Number.NaN }).view).toEqual({ withheld: 'not_json', pointer: '/rate' });
  });

  test('a reason is bounded', () => {
    expect([...redactedReason('字'.repeat(2_000))]).toHaveLength(AUDIT_REASON_MAX);
  });
});

describe('Sluice-Reason', () => {
  test('any text comes back as it was, percent-encoded or by RFC 8187', () => {
    const reasons = text.map((one) => one.trim()).filter((one) => one !== '' && !/\p{Cc}/u.test(one));
    fc.assert(
      fc.property(reasons, (reason) => {
        const encoded = encodeURIComponent(reason);
        expect(readReason(encoded)).toEqual({ ok: true, reason });
        expect(readReason(`UTF-8''${encoded}`)).toEqual({ ok: true, reason });
        expect(readReason(`utf-8'zh-CN'${encoded}`)).toEqual({ ok: true, reason });
      }),
    );
    expect(readReason('plain words')).toEqual({ ok: true, reason: 'plain words' });
    expect(readReason('')).toEqual({ ok: true, reason: null });
  });

  test('what is not UTF-8, is too long or has control characters is refused', () => {
    for (const value of ['100%', '%ff', 'x'.repeat(501), 'a%0Ab']) expect(readReason(value).ok, value).toBe(false);
  });
});
