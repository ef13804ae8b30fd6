import { ProblemError } from '../../../http/problem.ts';
import type { ProblemCode } from '../../../http/problem-catalogue.ts';
import type { KeyFault, KeyFaultCode } from '../../../keys/key-decisions.ts';

/** Problems of their own. */
const CODES: Partial<Readonly<Record<KeyFaultCode, ProblemCode>>> = {
  not_found: 'not_found',
  key_id_taken: 'key_id_taken',
  rotation_open: 'rotation_open',
  key_ended: 'key_ended',
  key_weak: 'key_weak',
};

/** Where the fault lies when it is one of the request. */
const POINTERS: Partial<Readonly<Record<KeyFaultCode, string>>> = {
  unknown_party: '/party/id',
  key_window_invalid: '/not_after',
};

/** Why an operator's wish about a key was not followed, as an answer. @param material where the key stands in the body */
export function keyProblem({ code, detail }: KeyFault, material: string): ProblemError {
  const problem = CODES[code];
  if (problem !== undefined) return new ProblemError(problem, detail);
  const pointer = code === 'key_elsewhere' ? '' : (POINTERS[code] ?? material);
  return new ProblemError('validation_failed', detail, { errors: [{ pointer, code, message: detail }] });
}
