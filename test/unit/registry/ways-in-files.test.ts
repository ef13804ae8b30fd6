import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ACME, LENDER, loadEdited, OPERATOR, registryOf, VARIABLES } from './partner-folder.ts';

const SECRET = Buffer.alloc(32, 9).toString('base64');
const entryLinks = (text: string) => [ACME, 'disclosure: coarse', `disclosure: coarse\nentry_links: ${text}`] as const;
const otp = (text: string) => [OPERATOR, 'legal_entities:', `otp: ${text}\nlegal_entities:`] as const;
const problemsOf = async (...edits: Parameters<typeof loadEdited>) => {
  const result = await loadEdited(...edits);
  return result.ok ? [] : result.problems.map(({ path, code }) => `${path}: ${code}`);
};

describe('keys of signed links', () => {
  test('are looked up, several at a time, and shown to nobody who looks at the partner', async () => {
    const text = `{ mode: enforce, max_age_seconds: 3600, keys: [{ id: l1, secret: "${SECRET}" }, { id: l2, secret_env: ACME_HMAC, not_before: 2026-01-01T00:00:00Z }] }`;
    const registry = await registryOf([entryLinks(text)]);
    const policy = registry.entryPolicies.get('acme');
    expect(policy).toMatchObject({ mode: 'enforce', maxAgeSeconds: 3_600 });
    expect([...(policy?.keys.keys() ?? [])]).toEqual(['l1', 'l2']);
    expect(JSON.stringify([...registry.traffic.values(), ...registry.keys.values()])).not.toContain(SECRET);
    // They sign links and nothing else.
    expect(registry.keys.has('l1')).toBe(false);
  });

  test('are in no one’s way while they are off: then there is nothing to judge', async () => {
    expect((await registryOf([])).entryPolicies.size).toBe(0);
    const registry = await registryOf([entryLinks(`{ mode: off, keys: [{ id: l1, secret: "${SECRET}" }] }`)]);
    expect(registry.entryPolicies.size).toBe(0);
  });

  test.each([
    ['a mode that needs a key and has none', '{ mode: enforce }', 'entry_links.keys: inconsistent'],
    [
      'a secret that is too short',
      '{ mode: enforce, keys: [{ id: l1, secret: "c2hvcnQ=" }] }',
      'entry_links.keys[0].secret: key_weak',
    ],
    [
      'an id that another key has',
      '{ keys: [{ id: acme-ed, secret_env: ACME_HMAC }] }',
      'entry_links.keys[0].id: duplicate_id',
    ],
    [
      'two secrets in one',
      `{ keys: [{ id: l1, secret_env: ACME_HMAC, secret: "${SECRET}" }] }`,
      'entry_links.keys[0]: inconsistent',
    ],
    [
      'a window that ends before it begins',
      '{ keys: [{ id: l1, secret_env: ACME_HMAC, not_before: 2026-01-02T00:00:00Z, not_after: 2026-01-01T00:00:00Z }] }',
      'entry_links.keys[0].not_after: inconsistent',
    ],
  ])('do not load with %s', async (_, text, problem) => {
    expect(await problemsOf([entryLinks(text)])).toContain(problem);
  });

  test('stand in no live file', async () => {
    const edits = [entryLinks(`{ keys: [{ id: l1, secret: "${SECRET}" }] }`)];
    expect(await problemsOf(edits, { environment: 'live' })).toContain('entry_links.keys[0].secret: sandbox_only');
  });
});

describe('the provider of one-time codes', () => {
  const variables = { ...VARIABLES, SMS_KEY: 'k' };

  test('has a code good for five minutes, a wait of one, and limits, where the file says nothing', async () => {
    const registry = await registryOf([otp('{ url: "https://sms.example/codes", key_env: SMS_KEY }')], { variables });
    expect(registry.operator.otp).toMatchObject({ ttl_seconds: 300, resend_seconds: 60, prefixes: ['+86'] });
    expect(registry.operator.otp?.limits).toMatchObject({ phone_per_hour: 5, phone_per_day: 10 });
  });

  test.each([
    ['plain http', '{ url: "http://sms.example/codes", key_env: SMS_KEY }', 'otp.url: url_not_allowed'],
    ['an address within', '{ url: "https://10.0.0.1/codes", key_env: SMS_KEY }', 'otp.url: url_not_allowed'],
    ['nothing that tells that it is us', '{ url: "https://sms.example/codes" }', 'otp: inconsistent'],
  ])('does not load with %s', async (_, text, problem) => {
    expect(await problemsOf([otp(text)], { variables })).toContain(problem);
  });

  test('does not start without its key', async () => {
    const edits = [otp('{ url: "https://sms.example/codes", key_env: NO_SUCH }')];
    expect(await problemsOf(edits, { requireSecrets: true })).toContain('otp.key_env: secret_missing');
  });
});

test.each(['links.md', 'links.zh.md'])('what %s shows of both loads as it stands', async (file) => {
  const guide = readFileSync(new URL(`../../../openapi/guide/${file}`, import.meta.url), 'utf8');
  const [entry = '', otpBlock = ''] = ['entry_links', 'otp'].map(
    (name) => new RegExp(`^\`\`\`yaml\\n(${name}:.*?)^\`\`\`$`, 'ms').exec(guide)?.[1],
  );
  const edits = [
    [ACME, 'disclosure: coarse', `disclosure: coarse\n${entry}`],
    [OPERATOR, 'legal_entities:', `${otpBlock}\nlegal_entities:`],
  ] as const;
  const variables = { ...VARIABLES, SMS_KEY: 'k', ACME_LINKS_1: SECRET, ACME_LINKS_2: SECRET };
  const registry = await registryOf(edits, { variables, requireSecrets: true });
  expect(registry.entryPolicies.get('acme')?.keys.size).toBe(2);
  expect(registry.operator.otp?.limits).toMatchObject({ address_per_hour: 60, partner_per_day: 20_000 });
});

test('hand-offs to apply lead to the lender unless its product says otherwise', async () => {
  expect((await registryOf([])).products.get('quick-cash')?.apply_at).toBe('lender');
  const registry = await registryOf([[LENDER, 'lock_days: 30 ', 'apply_at: hosted\n    lock_days: 30 ']]);
  expect(registry.products.get('quick-cash')?.apply_at).toBe('hosted');
});
