/** The statement is not what the report was about any more; the message says what it met with. */
export class StatementMovedError extends Error {
  override readonly name = 'StatementMovedError';
}
