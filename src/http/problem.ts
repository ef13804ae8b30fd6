import type { Language } from './accept-language.ts';
import { type ProblemCode, problems } from './problem-catalogue.ts';

/** One fault of one place of a request. */
export interface FieldError {
  /** RFC 6901 pointer into the body, or `/<name>` of a query parameter, path parameter or header. */
  readonly pointer: string;
  /** Where the pointer points; absent = the body. */
  readonly in?: 'query' | 'path' | 'header';
  /** Stable: `required`, `unknown_field`, `type`, `too_small`, `too_big`, `format`, `not_allowed`, `invalid`. */
  readonly code: string;
  readonly message: string;
}

export interface ProblemOptions {
  readonly errors?: readonly FieldError[];
  /** Extension members (RFC 9457 §3.2), such as `legal` or `blockers`. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Thrown at the edge to answer with a problem. Rooms below the doors return verdicts instead; the operation turns those
 * into problems.
 * @example throw new ProblemError('product_paused', 'quick-cash is paused until tomorrow');
 */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  /** What happened this time, for the partner's engineer; never an identity or a secret. */
  readonly detail: string | undefined;
  readonly errors: readonly FieldError[] | undefined;
  readonly members: Readonly<Record<string, unknown>> | undefined;
  readonly headers: Readonly<Record<string, string>> | undefined;

  constructor(code: ProblemCode, detail?: string, options: ProblemOptions = {}) {
    super(detail ?? problems[code].title.en);
    this.code = code;
    this.detail = detail;
    this.errors = options.errors;
    this.members = options.members;
    this.headers = options.headers;
  }
}

/** Where and to whom a problem is told. */
export interface ProblemSetting {
  /** Public origin of this gateway, without a slash at its end. */
  readonly publicUrl: string;
  readonly requestId: string;
  readonly language: Language;
  /** Page that helps with just this problem. */
  readonly help?: string | undefined;
}

/** The problem as `application/problem+json` (RFC 9457). Headers given with the problem are on the response. */
export function problemResponse(problem: ProblemError, setting: ProblemSetting): Response {
  const { status } = problems[problem.code];
  const headers = { 'content-type': 'application/problem+json', 'content-language': setting.language };
  return new Response(JSON.stringify(problemBody(problem, setting)), {
    status,
    headers: problem.headers === undefined ? headers : { ...headers, ...problem.headers },
  });
}

/** Members of the problem document, in the order in which people read them. */
export function problemBody(problem: ProblemError, setting: ProblemSetting): Record<string, unknown> {
  const { status, title } = problems[problem.code];
  return {
    type: `${setting.publicUrl}/docs/problems#${problem.code}`,
    title: title[setting.language],
    status,
    detail: problem.detail,
    code: problem.code,
    request_id: setting.requestId,
    help: setting.help,
    errors: problem.errors,
    ...problem.members,
  };
}
