import { applicantProblems } from './problems/applicant-problems.ts';
import { deliveryProblems } from './problems/delivery-problems.ts';
import { loanProblems } from './problems/loan-problems.ts';
import type { ProblemEntry } from './problems/problem-entry.ts';
import { requestProblems } from './problems/request-problems.ts';
import { revenueProblems } from './problems/revenue-problems.ts';
import { trustProblems } from './problems/trust-problems.ts';

export type { ProblemEntry } from './problems/problem-entry.ts';

/**
 * Every problem that an HTTP answer can carry, by its stable code; `/docs/problems` and the OpenAPI are made from it. A new
 * problem is one more line in the file of its subject. Business outcomes (a refused application) are answers and have no place here.
 */
export const problems = {
  ...requestProblems,
  ...trustProblems,
  ...applicantProblems,
  ...loanProblems,
  ...revenueProblems,
  ...deliveryProblems,
} as const satisfies Readonly<Record<string, ProblemEntry>>;

export type ProblemCode = keyof typeof problems;
