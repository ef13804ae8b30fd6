import { describe, expect, test } from 'vitest';
import type {
  CheckedPerson,
  VerificationProvider,
} from '../../../src/applications/verification/verification-provider.ts';
import { verifyPerson } from '../../../src/intake/verify-person.ts';

const person: CheckedPerson = { name: '张三', idNumber: '11010519491231002X', phone: '13800138000' };
const clock = { nowMs: () => Date.parse('2026-03-02T04:00:00.000Z') };

function ask(check: VerificationProvider['check'], deadlineMs?: number) {
  return verifyPerson({ verifier: { name: 'vendor', check }, clock }, ['three_elements'], person, deadlineMs);
}

const UNKNOWN = {
  kind: 'three_elements',
  provider: 'vendor',
  result: 'unknown',
  at: '2026-03-02T04:00:00.000Z',
  by: 'sluice',
};

describe('a person is checked', () => {
  test('and the result is noted as ours, without anything of the person', async () => {
    const notes = await ask(async () => ({ result: 'fail', provider: 'vendor', score: 0.2, ref: 'x-13800138000' }));
    expect(notes).toEqual([{ ...UNKNOWN, result: 'fail', score: 0.2, ref: 'x-***' }]);
  });

  test.each<[string, VerificationProvider['check']]>([
    ['fails', () => Promise.reject(new Error('张三'))],
    [
      'throws at once',
      () => {
        throw new Error('down');
      },
    ],
    ['says nonsense', async () => ({ result: 'yes' }) as never],
    ['says too much', async () => ({ result: 'pass', provider: 'v'.repeat(65), ref: 'r' })],
  ])('a provider that %s is unknown', async (_, check) => {
    expect(await ask(check)).toEqual([UNKNOWN]);
  });

  test('a provider that says nothing is unknown at the deadline, and is told that nobody waits', async () => {
    let signal: AbortSignal | undefined;
    const never: VerificationProvider['check'] = (_kind, _person, given) => {
      signal = given;
      return new Promise(() => undefined);
    };
    expect(await ask(never, 10)).toEqual([UNKNOWN]);
    expect(signal?.aborted).toBe(true);
  });

  test('by nobody where nothing is configured that checks', async () => {
    expect(await verifyPerson({ clock }, ['three_elements'], person)).toEqual([]);
  });
});
