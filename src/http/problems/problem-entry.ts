/** What every answer with one code has in common; the rest (`detail`, `errors`) says what happened this time. */
export interface ProblemEntry {
  readonly status: 400 | 401 | 403 | 404 | 405 | 408 | 409 | 410 | 413 | 415 | 417 | 422 | 429 | 431 | 500 | 502 | 503;
  readonly title: { readonly en: string; readonly zh: string };
  /** What the reader does about it. */
  readonly fix: { readonly en: string; readonly zh: string };
}

/** The statuses that answers of this API have. */
export type ProblemStatus = ProblemEntry['status'];

/** One code: its status, its title, and what its reader does about it, each in English and Chinese. */
export function entry<const S extends ProblemStatus>(
  status: S,
  title: [en: string, zh: string],
  fix: [en: string, zh: string],
) {
  return { status, title: { en: title[0], zh: title[1] }, fix: { en: fix[0], zh: fix[1] } } as const;
}
