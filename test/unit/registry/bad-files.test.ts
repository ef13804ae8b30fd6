import { describe, expect, test } from 'vitest';
import { ACME, type Edit, HARBOUR, LENDER, loadEdited, OPERATOR } from './partner-folder.ts';

interface BadFile {
  /** What does not load. */
  what: string;
  edit: Edit;
  at: { line: number; path: string; code: string };
  /** Part of the message or hint that helps the reader. */
  says: string;
}

const SECOND_VERSION = (fields: string) => `  - { id: acme-b, ${fields}, rules: [] }\nterms:`;

const BAD_FILES: readonly BadFile[] = [
  {
    what: 'an unknown key at the top',
    edit: [ACME, 'disclosure: coarse', 'disclosur: coarse'],
    at: { line: 15, path: 'disclosur', code: 'unknown_key' },
    says: 'did you mean disclosure?',
  },
  {
    what: 'an unknown key in a rule',
    edit: [ACME, 'earn_days: 365', 'earn_day: 365'],
    at: { line: 42, path: 'terms[0].rules[3].earn_day', code: 'unknown_key' },
    says: 'did you mean earn_days?',
  },
  {
    what: 'an unknown key in a product',
    edit: [LENDER, 'lock_days: 30 ', 'locked_days: 30 '],
    at: { line: 30, path: 'products[0].locked_days', code: 'unknown_key' },
    says: 'did you mean lock_days?',
  },
  {
    what: 'a required key that is missing',
    edit: [ACME, 'name: Acme Loan Supermarket', '# no name'],
    at: { line: 2, path: 'name', code: 'missing' },
    says: 'is required',
  },
  {
    what: 'a percent that is a number',
    edit: [ACME, 'percent: "1.5"', 'percent: 1.5'],
    at: { line: 41, path: 'terms[0].rules[2].pay.percent', code: 'invalid' },
    says: 'in quotes',
  },
  {
    what: 'a rate with a per cent sign',
    edit: [ACME, 'rate: "0.06"', 'rate: "6%"'],
    at: { line: 35, path: 'terms[0].tax.rate', code: 'invalid' },
    says: 'plain decimal',
  },
  {
    what: 'a tax rate written as a percentage',
    edit: [ACME, 'rate: "0.06"', 'rate: "6"'],
    at: { line: 35, path: 'terms[0].tax.rate', code: 'inconsistent' },
    says: '"0.18"',
  },
  {
    what: 'an amount with decimals',
    edit: [ACME, 'fixed: 1500', 'fixed: 15.5'],
    at: { line: 39, path: 'terms[0].rules[0].pay.fixed', code: 'invalid' },
    says: 'minor units',
  },
  {
    what: 'a hold of more than two years',
    edit: [ACME, 'hold_days: 15', 'hold_days: 731'],
    at: { line: 41, path: 'terms[0].rules[2].hold_days', code: 'invalid' },
    says: '730',
  },
  {
    what: 'a cycle day that not every month has',
    edit: [ACME, 'cycle: month_end', 'cycle: 29'],
    at: { line: 32, path: 'terms[0].cycle', code: 'invalid' },
    says: 'from 1 to 28',
  },
  {
    what: 'a day that does not exist',
    edit: [ACME, 'from: 2026-01-01', 'from: 2026-02-30'],
    at: { line: 28, path: 'terms[0].from', code: 'invalid' },
    says: 'YYYY-MM-DD',
  },
  {
    what: 'an unknown time zone',
    edit: [ACME, 'timezone: Asia/Shanghai', 'timezone: Asia/Peking'],
    at: { line: 31, path: 'terms[0].timezone', code: 'inconsistent' },
    says: 'IANA',
  },
  {
    what: 'an event that pays nothing',
    edit: [ACME, 'on: credit.granted', 'on: credit.granting'],
    at: { line: 40, path: 'terms[0].rules[1].on', code: 'invalid' },
    says: 'credit.granted',
  },
  {
    what: 'tiers that do not rise',
    edit: [ACME, '{ percent: "0.5" }', '{ up_to: 5, percent: "0.5" }'],
    at: { line: 44, path: 'terms[0].rules[5].pay.tiers[1].up_to', code: 'inconsistent' },
    says: 'greater than the tier before',
  },
  {
    what: 'a last tier that ends, above which nothing would have a price',
    edit: [ACME, '{ percent: "0.5" }', '{ up_to: 500000000, percent: "0.5" }'],
    at: { line: 44, path: 'terms[0].rules[5].pay.tiers[1].up_to', code: 'unpriceable' },
    says: 'would have no price',
  },
  {
    what: 'a percentage of what the event does not carry',
    edit: [ACME, 'pay: { percent: "0.6", of: principal }', 'pay: { percent: "0.6", of: interest }'],
    at: { line: 42, path: 'terms[0].rules[3].pay.of', code: 'unpriceable' },
    says: 'loan.disbursed carries no interest',
  },
  {
    what: 'once per something that the event does not name',
    edit: [ACME, 'pay: { fixed: 3000 }, once_per: applicant', 'pay: { fixed: 3000 }, once_per: loan'],
    at: { line: 40, path: 'terms[0].rules[1].once_per', code: 'unpriceable' },
    says: 'credit.granted names no loan',
  },
  {
    what: 'a payer that is no legal entity',
    edit: [ACME, 'payer: operator ', 'payer: someone '],
    at: { line: 27, path: 'terms[0].payer', code: 'unknown_payer' },
    says: 'known: operator',
  },
  {
    what: 'two rules of one id',
    edit: [ACME, 'id: cpa,', 'id: reg,'],
    at: { line: 40, path: 'terms[0].rules[1].id', code: 'duplicate_id' },
    says: 'exists already',
  },
  {
    what: 'a clawback of a rule that is not there',
    edit: [ACME, 'rules: [first]', 'rules: [frist]'],
    at: { line: 47, path: 'terms[0].clawback[1].rules[0]', code: 'unknown_rule' },
    says: 'first',
  },
  {
    what: 'a rule about an unknown product',
    edit: [ACME, 'when: { loan: repeat }', 'when: { loan: repeat, products: [quick-cash, slow-cash] }'],
    at: { line: 42, path: 'terms[0].rules[3].when.products[1]', code: 'unknown_product' },
    says: 'quick-cash',
  },
  {
    what: 'a version that begins no later than the one before',
    edit: [ACME, 'terms:', `terms:\n${SECOND_VERSION('from: 2026-01-01, currency: CNY').replace('\nterms:', '')}`],
    at: { line: 29, path: 'terms[1].from', code: 'versions_unordered' },
    says: 'must be later than 2026-01-01',
  },
  {
    what: 'a version in another currency',
    edit: [ACME, 'terms:', `terms:\n${SECOND_VERSION('from: 2025-01-01, currency: USD').replace('\nterms:', '')}`],
    at: { line: 31, path: 'terms[1].currency', code: 'contract_changed' },
    says: 'start a new contract',
  },
  {
    what: 'a link to an unknown product',
    edit: [ACME, 'product: quick-cash', 'product: quik-cash'],
    at: { line: 23, path: 'links[0].product', code: 'unknown_product' },
    says: 'known: quick-cash',
  },
  {
    what: 'a link code used twice',
    edit: [ACME, 'links:', 'links:\n  - { code: acme-home, product: quick-cash, landing: hosted }'],
    at: { line: 24, path: 'links[1].code', code: 'duplicate_id' },
    says: 'acme-home',
  },
  {
    what: 'a landing page over plain http',
    edit: [ACME, 'landing: hosted', 'landing: "http://shop.example/"'],
    at: { line: 23, path: 'links[0].landing', code: 'url_not_allowed' },
    says: 'must be https',
  },
  {
    what: 'a postback with an unknown macro',
    edit: [ACME, '{sub1}', '{sub11}'],
    at: { line: 21, path: 'postbacks[0].url', code: 'unknown_macro' },
    says: '{sub10}',
  },
  {
    what: 'a postback whose host is a macro',
    edit: [ACME, 'https://t.example/', 'https://{sub1}.example/'],
    at: { line: 21, path: 'postbacks[0].url', code: 'macro_in_host' },
    says: 'host',
  },
  {
    what: 'a callback to a private address',
    edit: [ACME, 'https://acme.example/hooks', 'https://10.0.0.7/hooks'],
    at: { line: 19, path: 'callbacks.url', code: 'url_not_allowed' },
    says: 'public',
  },
  {
    what: 'a private key in place of a public one',
    edit: [ACME, 'kty: OKP,', 'kty: OKP, d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",'],
    at: { line: 11, path: 'keys[0].jwk.d', code: 'invalid' },
    says: 'private half',
  },
  {
    what: 'a key of another kind than its algorithm',
    edit: [ACME, 'alg: ed25519, jwk', 'alg: rsa-pss-sha512, jwk'],
    at: { line: 11, path: 'keys[0].jwk', code: 'key_mismatch' },
    says: 'rsa-pss-sha512',
  },
  {
    what: 'a key id used twice',
    edit: [LENDER, 'keys: []', 'keys: [{ id: acme-hmac, alg: hmac-sha256, secret_env: ACME_HMAC }]'],
    at: { line: 6, path: 'keys[0].id', code: 'duplicate_id' },
    says: 'traffic/acme/partner.yaml',
  },
  {
    what: 'an id that is not the folder name',
    edit: [ACME, 'id: acme ', 'id: acne '],
    at: { line: 2, path: 'id', code: 'id_not_folder' },
    says: 'acme',
  },
  {
    what: 'a product of an unknown funder',
    edit: [LENDER, 'funders: [harbour]', 'funders: [harbour, south]'],
    at: { line: 15, path: 'products[0].funders[1]', code: 'unknown_funder' },
    says: 'harbour, north',
  },
  {
    what: 'a cap above 24 % without a basis',
    edit: [LENDER, 'apr_cap: "0.24"', 'apr_cap: "0.30"'],
    at: { line: 23, path: 'products[0].apr_cap', code: 'apr_cap_without_basis' },
    says: 'apr_cap_basis',
  },
  {
    what: 'a cap above 36 %, whatever its basis',
    edit: [LENDER, 'apr_cap: "0.24"', 'apr_cap_basis: a ruling\n    apr_cap: "0.361"'],
    at: { line: 24, path: 'products[0].apr_cap', code: 'apr_cap_too_high' },
    says: '0.36',
  },
  {
    what: 'a rate above the cap',
    edit: [LENDER, 'annual: "0.18"', 'monthly: "0.021"'],
    at: { line: 21, path: 'products[0].rate', code: 'apr_above_cap' },
    says: '25.20 %',
  },
  {
    what: 'fees that lift the rate above the cap',
    edit: [LENDER, 'fees: []', 'fees: [{ kind: service, payee: lender, percent: "6.5", when: upfront }]'],
    at: { line: 21, path: 'products[0].rate', code: 'apr_above_cap' },
    says: '60.08 % a year, above the cap of 24.00 % (above it is 100000 over 3 months)',
  },
  {
    what: 'a fee that lifts the smallest loans alone above the cap',
    edit: [LENDER, 'fees: []', 'fees: [{ kind: service, payee: lender, fixed: 2000, when: upfront }]'],
    at: { line: 21, path: 'products[0].rate', code: 'apr_above_cap' },
    says: '(above it is 100000 over 3 months)',
  },
  {
    what: 'a first period whose days lift the rate above a cap that ordinary months keep',
    edit: [LENDER, 'rate: { annual: "0.18" }', 'due_day: 10\n    apr_cap_basis: none\n    rate: { annual: "0.24" }'],
    at: { line: 23, path: 'products[0].rate', code: 'apr_above_cap' },
    says: 'paid out on 20',
  },
  {
    what: 'a due day of a loan that is paid back at once',
    edit: [LENDER, 'repayment: equal_instalments', 'due_day: month_end\n    repayment: bullet'],
    at: { line: 20, path: 'products[0].due_day', code: 'due_day_unused' },
    says: 'bullet',
  },
  {
    what: 'a shortest first period without a due day',
    edit: [LENDER, 'fees: []', 'first_period_min_days: 10\n    fees: []'],
    at: { line: 22, path: 'products[0].first_period_min_days', code: 'due_day_missing' },
    says: 'due_day',
  },
  {
    what: 'a due day that some months do not have',
    edit: [LENDER, 'fees: []', 'due_day: 31\n    fees: []'],
    at: { line: 22, path: 'products[0].due_day', code: 'invalid' },
    says: 'month_end',
  },
  {
    what: 'a fee for a partner that sends the applicant',
    edit: [LENDER, 'fees: []', 'fees: [{ kind: service, payee: partner, percent: "1", when: upfront }]'],
    at: { line: 22, path: 'products[0].fees[0].payee', code: 'invalid' },
    says: 'guarantor',
  },
  {
    what: 'a smallest amount above the largest',
    edit: [LENDER, 'min: 100000', 'min: 5000001'],
    at: { line: 18, path: 'products[0].amount', code: 'inconsistent' },
    says: 'min is above max',
  },
  {
    what: 'a required field outside the catalogue',
    edit: [LENDER, 'applicant: [name, id_number, phone]', 'applicant: [name, shoe_size]'],
    at: { line: 26, path: 'products[0].requirements.applicant[1]', code: 'invalid' },
    says: 'id_number',
  },
  {
    what: 'a core over plain http',
    edit: [LENDER, 'core: sandbox ', 'core: { url: "http://core.example" } '],
    at: { line: 5, path: 'core.url', code: 'url_not_allowed' },
    says: 'https',
  },
  {
    what: 'more at once than a core is ever sent',
    edit: [LENDER, 'core: sandbox ', 'core: { url: "https://core.example", max_concurrent: 65 } '],
    at: { line: 5, path: 'core.max_concurrent', code: 'invalid' },
    says: '64',
  },
  {
    what: 'a funder that trusts an unknown one',
    edit: [HARBOUR, 'funder: north', 'funder: south'],
    at: { line: 5, path: 'trusts[0].funder', code: 'unknown_funder' },
    says: 'north',
  },
  {
    what: 'a funder that trusts itself',
    edit: [HARBOUR, 'funder: north', 'funder: harbour'],
    at: { line: 5, path: 'trusts[0].funder', code: 'self_trust' },
    says: 'itself',
  },
  {
    what: 'an operator without a legal entity',
    edit: [OPERATOR, 'country: CN', 'country: China'],
    at: { line: 2, path: 'legal_entities[0].country', code: 'invalid' },
    says: 'ISO 3166-1',
  },
  {
    what: 'a key written twice',
    edit: [ACME, 'allow_ips: []', 'allow_ips: []\nallow_ips: []'],
    at: { line: 10, path: '', code: 'yaml_invalid' },
    says: 'unique',
  },
  {
    what: 'broken YAML',
    edit: [ACME, 'links:', 'links: ['],
    at: { line: 23, path: '', code: 'yaml_invalid' },
    says: '',
  },
];

describe('a file does not load, and the problem has its place, with', () => {
  test.each(BAD_FILES)('$what', async ({ edit, at, says }) => {
    const result = await loadEdited([edit]);
    if (result.ok) throw new Error('it loaded');
    const found = result.problems.map(({ line, path, code }) => ({ line, path, code }));
    expect(found).toContainEqual(at);
    const problem = result.problems.find((candidate) => candidate.path === at.path && candidate.code === at.code);
    expect(problem?.file).toBe(edit[0]);
    expect(`${problem?.message} ${problem?.hint ?? ''}`).toContain(says);
    expect(problem?.column).toBeGreaterThan(0);
  });
});

describe('a file loads with a warning', () => {
  test('when a referral partner is paid by the size of the loan', async () => {
    const result = await loadEdited([[ACME, 'kind: platform', 'kind: referral']]);
    expect(result.ok).toBe(true);
    const found = result.warnings.filter((warning) => warning.code === 'referral_paid_by_loan_size');
    expect(found.map(({ line, path }) => [line, path])).toEqual([
      [41, 'terms[0].rules[2].pay'],
      [42, 'terms[0].rules[3].pay'],
      [44, 'terms[0].rules[5].pay'],
    ]);
  });

  test('when a rule names a link that is not in the file, since links are made through the API too', async () => {
    const result = await loadEdited([[ACME, 'when: { loan: repeat }', 'when: { loan: repeat, links: [acme-two] }']]);
    expect(result.ok).toBe(true);
    expect(result.warnings.map((warning) => warning.path)).toContain('terms[0].rules[3].when.links[0]');
  });
});

describe('in the sandbox', () => {
  test('callbacks may go to loopback over http, which live mode refuses', async () => {
    const edit: Edit = [ACME, 'https://acme.example/hooks', 'http://127.0.0.1:9999/hooks'];
    expect((await loadEdited([edit])).ok).toBe(true);
    const live = await loadEdited([edit], { environment: 'live' });
    expect(live.ok ? [] : live.problems.map((problem) => problem.path)).toContain('callbacks.url');
  });

  test('a lender that fetches what is for it cannot be asked live, nor for quotes', async () => {
    const pulls: Edit = [LENDER, 'core: sandbox ', 'core: { pull: true } '];
    expect((await loadEdited([pulls])).ok).toBe(true);
    const result = await loadEdited([
      pulls,
      [LENDER, 'mode: local', 'mode: live'],
      [LENDER, 'quotes: local', 'quotes: lender'],
    ]);
    const problems = result.ok ? [] : result.problems;
    expect(problems.map(({ code, path }) => [code, path])).toEqual([
      ['core_not_called', 'precheck.mode'],
      ['core_not_called', 'products[0].quotes'],
    ]);
  });
});
