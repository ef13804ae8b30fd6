import type { Statement } from '../../revenue/statement.ts';
import type { StatementLine } from '../../revenue/statement-line.ts';

/** The statement on the wire. What is signed is passed on untouched; `jws` is there on drafts too. */
export function statementView(statement: Statement, lines?: readonly StatementLine[]) {
  const view = { ...statement, jws: statement.jws ?? null };
  return lines === undefined ? view : { ...view, lines: [...lines] };
}
