import { describe, expect, test } from 'vitest';
import { checkRawRequest } from '../../../src/trust/raw-request.ts';
import { replayKeyMaterial } from '../../../src/trust/replay-key.ts';
import { type KeyDirectory, verifyRequest } from '../../../src/trust/verify-request.ts';
import { codeOfVector } from './policy-codes.ts';
import {
  exampleNames,
  rfcKeyIds,
  rfcVerificationKey,
  toRawRequest,
  type VectorMessage,
  vectors,
} from './rfc-vectors.ts';

const { policy, cases } = vectors.policyVectors;
const directory = new Map(rfcKeyIds.map((id) => [id, { key: rfcVerificationKey(id), party: id }]));
const keys: KeyDirectory<string> = { find: (id) => directory.get(id) };

function answer(message: VectorMessage, seen: Set<string>): string {
  const checked = checkRawRequest(toRawRequest(message), exampleNames);
  if (!checked.ok) return checked.code;
  const verdict = verifyRequest(checked, policy, keys, policy.now);
  if (!verdict.ok) return verdict.code;
  const material = replayKeyMaterial(verdict.keyId, verdict.nonce);
  if (seen.has(material)) return 'signature_replayed';
  seen.add(material);
  return 'accepted';
}

describe('every policy vector is answered as it has to be', () => {
  test.each(cases.map((vector) => [vector.id, vector.expect, vector] as const))('%s: %s', (_id, _expect, vector) => {
    const seen = new Set<string>();
    const message = vector.request ?? cases.find(({ id }) => id === vector.requestOf)?.request;
    if (message === undefined) throw new Error('the vector has no request');
    if (vector.requestOf !== undefined) expect(answer(message, seen)).toBe('accepted');
    const given = answer(message, seen);
    if (vector.expect === 'accept') expect(given).toBe('accepted');
    else expect(given).toBe(codeOfVector(vector));
  });
});
