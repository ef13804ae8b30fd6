import { parseLocatedDocument } from './located-document.ts';
import type { RawFile, RawSet } from './read-files.ts';

/** A traffic partner's file that lies elsewhere. */
export interface InsteadFile {
  /** Its name in messages. */
  readonly file: string;
  readonly text: string;
}

/** The set as it would be with this file in the place of the partner's own, or beside the others when it has none. */
export function putInstead(raw: RawSet, { file, text }: InsteadFile): RawSet {
  const id = idIn(file, text);
  const isOwn = (one: RawFile): boolean => one.kind === 'traffic' && one.folder === id;
  const dialectFile = raw.files.find(isOwn)?.dialectFile ?? null;
  return {
    ...raw,
    files: [...raw.files.filter((one) => !isOwn(one)), { kind: 'traffic', file, folder: id, text, dialectFile }],
    problems: raw.problems.filter((problem) => !problem.file.startsWith(`traffic/${id}/`)),
  };
}

/** The partner that the file is about, whose folder it would lie in; empty when it does not say: its schema complains of that. */
export function idIn(file: string, text: string): string {
  const { value } = parseLocatedDocument(file, text);
  if (typeof value !== 'object' || value === null || !('id' in value)) return '';
  return typeof value.id === 'string' ? value.id : '';
}
