import { describe, expect, test } from 'vitest';
import type { VerificationNote } from '../../../../src/applications/model.ts';
import { judgeVerifications } from '../../../../src/applications/verification/judge-verifications.ts';
import { verificationNotes, withVerifications } from '../../../../src/applications/verification/note-verifications.ts';
import { createSandboxVerifier } from '../../../../src/applications/verification/sandbox-verifier.ts';
import { sampleApplication } from '../../../support/sample-application.ts';

function note(kind: string, result: VerificationNote['result'], at = '2026-03-01T00:00:00.000Z'): VerificationNote {
  return { kind, provider: 'vendor', result, at, by: 'partner' };
}

describe('required verifications', () => {
  test('are judged by the newest result of each kind; what is not required decides nothing', () => {
    const notes = [
      note('liveness', 'fail'),
      note('liveness', 'pass', '2026-03-02T00:00:00.000Z'),
      note('face_match', 'pass', '2026-03-02T00:00:00.000Z'),
      note('face_match', 'fail'),
      note('ocr', 'fail'),
      note('three_elements', 'unknown'),
    ];
    expect(judgeVerifications(['liveness', 'face_match', 'three_elements'], notes)).toEqual({
      failed: [],
      unknown: ['three_elements'],
    });
    expect(judgeVerifications(['ocr'], notes).failed).toEqual(['ocr']);
  });
});

describe('noted verifications', () => {
  test('hold nothing of the person, whatever somebody has made their reference of', () => {
    const [shown] = verificationNotes(
      [{ kind: 'ocr', provider: 'v', result: 'pass', ref: 'r-13800138000-王小明', at: '2026-03-01T08:00:00+08:00' }],
      'lender',
      ['王小明'],
    );
    expect(shown).toEqual({
      kind: 'ocr',
      provider: 'v',
      result: 'pass',
      ref: 'r-***-***',
      at: '2026-03-01T00:00:00.000Z',
      by: 'lender',
    });
  });

  test('are added once', () => {
    const once = withVerifications(sampleApplication('V'), [note('ocr', 'pass')]);
    expect(withVerifications(once, [note('ocr', 'pass')])).toBe(once);
    expect(once.verifications).toHaveLength(1);
  });
});

test.each([
  ['13800130000', 'pass'],
  ['13800130097', 'fail'],
  ['13800130098', 'unknown'],
])('the sandbox answers %s with %s, always', async (phone, result) => {
  const person = { name: '张三', idNumber: '11010519491231002X', phone };
  const verifier = createSandboxVerifier();
  const answers = await Promise.all(
    [1, 2].map(() => verifier.check('three_elements', person, AbortSignal.timeout(1_000))),
  );
  expect(answers[0]).toMatchObject({ result });
  expect(answers[1]).toEqual(answers[0]);
});
