import { ProblemError } from '../../http/problem.ts';
import type { InputFault } from '../../intake/intake-deps.ts';

/** Faults that are problems in their own right: a client decides by them what to do next. */
const NAMED = ['unknown_product', 'document_unknown', 'form_not_indexed', 'field_missing', 'consent_missing'] as const;
type Named = (typeof NAMED)[number];

/**
 * Faults that only the use-case could find, as one 422. What a product requires and is missing is named by the problem's
 * own code; faults of several kinds are `validation_failed`, each with its code.
 */
export function inputProblem(faults: readonly InputFault[]): ProblemError {
  const [first] = faults;
  const detail = first === undefined ? undefined : `${first.pointer || 'the body'}: ${first.message}`;
  return new ProblemError(codeOf(faults), detail, { errors: faults });
}

function codeOf(faults: readonly InputFault[]): Named | 'validation_failed' {
  const first = NAMED.find((code) => code === faults[0]?.code);
  const isNamed = faults.every((fault) => NAMED.some((code) => code === fault.code));
  return first !== undefined && isNamed ? first : 'validation_failed';
}
