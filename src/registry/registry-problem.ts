/** A place inside a counterparty file: object keys and list indexes from the top. */
export type FieldPath = readonly (string | number)[];

/** One thing wrong with one place of one counterparty file. */
export interface RegistryProblem {
  /** Path relative to the partners directory, with `/`. */
  file: string;
  /** 1-based. */
  line: number;
  /** 1-based, in characters. */
  column: number;
  /** Such as `terms[0].rules[1].pay.percent`; empty = the whole file. */
  path: string;
  message: string;
  /** Stable, snake_case. */
  code: string;
  /** What to do about it. */
  hint?: string;
}

/** A finding before it is given a position. */
export interface Finding {
  file: string;
  path: FieldPath;
  code: string;
  message: string;
  hint?: string;
  /** `key`: point at the key, not at its value. */
  at?: 'key';
  /** Absent = an error: the set does not load. */
  severity?: 'warning';
}

/** `['terms', 0, 'id']` → `terms[0].id`. */
export function formatPath(path: FieldPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else text += text === '' ? part : `.${part}`;
  }
  return text;
}

/** One line for people and for editors: `file:line:col  path  message`. */
export function formatProblem(problem: RegistryProblem): string {
  const place = `${problem.file}:${problem.line}:${problem.column}`;
  const hint = problem.hint === undefined ? '' : ` (${problem.hint})`;
  return [place, problem.path, `${problem.message}${hint}`].filter((part) => part !== '').join('  ');
}
