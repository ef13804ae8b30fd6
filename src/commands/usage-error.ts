import { readFile } from 'node:fs/promises';

/** A mistake on the command line, or in a file that it names; the message is the whole help. */
export class UsageError extends Error {}

/**
 * A file that was named on the command line.
 * @throws UsageError when it cannot be read
 */
export async function readNamedFile(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why = { ENOENT: 'there is no such file', EISDIR: 'it is a directory' }[code];
    throw new UsageError(`cannot read ${file}: ${why ?? (error instanceof Error ? error.message : String(error))}`);
  }
}
