import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { loadRegistry } from '../../../src/registry/load-registry.ts';
import { nearestKey } from '../../../src/registry/nearest-key.ts';
import { formatPath } from '../../../src/registry/registry-problem.ts';
import { compareDecimals } from '../../../src/registry/schema/scalars.ts';
import { urlFault } from '../../../src/registry/validate-url.ts';
import { ACME, partnerFolder, VARIABLES } from './partner-folder.ts';

describe('whatever a file holds', () => {
  test('loading never throws, and every problem names a line of that file', async () => {
    const folder = await partnerFolder();
    const key = fc.constantFrom('id', 'name', 'kind', 'keys', 'terms', 'links', 'rules', 'pay', 'postbacks', 'x');
    const structure = fc.dictionary(
      key,
      fc.letrec((tie) => ({
        node: fc.oneof(
          { depthSize: 'small' },
          fc.string(),
          fc.integer(),
          fc.constant(null),
          fc.array(tie('node'), { maxLength: 3 }),
          fc.dictionary(key, tie('node'), { maxKeys: 4 }),
        ),
      })).node,
    );
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      structure.map((value) => stringify(value)),
    );
    await fc.assert(
      fc.asyncProperty(text, async (content) => {
        await writeFile(join(folder, ACME), content);
        const result = await loadRegistry(folder, { variables: VARIABLES });
        if (result.ok) throw new Error('it loaded');
        for (const problem of result.problems) {
          expect(problem.line).toBeGreaterThan(0);
          expect(problem.column).toBeGreaterThan(0);
          expect(problem.line).toBeLessThanOrEqual(content.split('\n').length);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('a bomb of nested aliases is refused quickly', async () => {
    const folder = await partnerFolder();
    const levels = Array.from({ length: 12 }, (_, level) => {
      const inner = level === 0 ? 'x' : `*a${level - 1}`;
      return `k${level}: &a${level} [${Array(10).fill(inner).join(', ')}]`;
    });
    await writeFile(join(folder, ACME), levels.join('\n'));
    const result = await loadRegistry(folder, { variables: VARIABLES });
    expect(result.ok ? [] : result.problems.map((problem) => problem.code)).toContain('yaml_invalid');
  });
});

describe('decimals', () => {
  test('compare by value, whatever their trailing zeros', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 10n ** 12n), fc.bigInt(0n, 10n ** 12n), (left, right) => {
        const text = (value: bigint) => `${value / 10_000n}.${String(value % 10_000n).padStart(4, '0')}`;
        const expected = left < right ? -1 : left > right ? 1 : 0;
        expect(compareDecimals(text(left), text(right))).toBe(expected);
        expect(compareDecimals(`${text(left)}000`, text(left))).toBe(0);
      }),
    );
  });
});

describe('addresses of counterparties', () => {
  test.each([
    ['https://lender.example/hooks', null, null],
    ['http://127.0.0.1:9000/', null, 'public'],
    ['http://localhost:9000/', null, 'public'],
    ['http://[::1]/', null, 'public'],
    ['http://lender.example/', 'https', 'https'],
    ['https://10.1.2.3/', 'public', 'public'],
    ['https://169.254.169.254/latest', 'public', 'public'],
    ['https://[fd00::1]/', 'public', 'public'],
    ['https://[::ffff:10.0.0.1]/', 'public', 'public'],
    ['https://intranet/', 'public', 'public'],
    ['https://redis.internal/', 'public', 'public'],
    ['https://user:pass@lender.example/', 'password', 'password'],
    ['https://0x7f000001/', null, 'public'],
  ])('%s', (url, sandbox, live) => {
    const says = (fault: string | null, part: string | null) =>
      part === null ? expect(fault).toBeNull() : expect(fault).toContain(part);
    says(urlFault(url, 'sandbox'), sandbox);
    says(urlFault(url, 'live'), live);
  });
});

describe('messages', () => {
  test('a path reads as it would in code', () => {
    expect(formatPath(['terms', 0, 'rules', 12, 'pay', 'percent'])).toBe('terms[0].rules[12].pay.percent');
    expect(formatPath([])).toBe('');
  });

  test('a spelling is suggested when it is near, and only then', () => {
    expect(nearestKey('visiblity', ['visibility', 'disclosure'])).toBe('visibility');
    expect(nearestKey('colour', ['visibility', 'disclosure'])).toBeNull();
    expect(nearestKey('id', ['of', 'on'])).toBeNull();
  });
});
