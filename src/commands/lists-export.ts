import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { isListScope, type ListName } from '../screening/lists/entry.ts';
import { type ExportedEntry, exportEntries } from '../screening/lists/export-entries.ts';
import { withLists } from './lists-redis.ts';
import { UsageError } from './usage-error.ts';

export interface ExportFlags {
  readonly scope?: string;
  readonly list?: ListName;
  readonly format: 'ndjson' | 'csv';
}

const COLUMNS = [
  'id',
  'token',
  'kind',
  'form',
  'known_in_plain',
  'list',
  'scope',
  'contributor',
  'reason',
  'status',
  'expires_on',
  'state',
] as const satisfies readonly (keyof ExportedEntry)[];

/**
 * Streams entries to standard output, one line a form of an entry.
 * @throws UsageError when the scope is none
 */
export async function runListsExport({ scope, list, format }: ExportFlags): Promise<void> {
  if (scope !== undefined && !isListScope(scope)) {
    throw new UsageError(`--scope ${scope} is none of network, funder:<id>, lender:<id>, partner:<id>`);
  }
  const filter = { ...(scope ? { scope } : {}), ...(list ? { list } : {}) };
  await withLists(async ({ store }) => {
    const text = Readable.from(textOf(exportEntries(store.parts, filter), format));
    try {
      await pipeline(text, process.stdout, { end: false });
    } catch (error) {
      if (!hasStoppedReading(error)) throw error;
    }
  });
}

async function* textOf(
  pages: AsyncIterable<readonly ExportedEntry[]>,
  format: ExportFlags['format'],
): AsyncGenerator<string> {
  if (format === 'csv') yield `${COLUMNS.join(',')}\n`;
  for await (const page of pages) yield page.map(lineOf(format)).join('');
}

/** A reader such as `head` has seen enough: that is no fault. */
function hasStoppedReading(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EPIPE';
}

/** No value holds a comma or a quote, so CSV needs no quoting here. */
function lineOf(format: ExportFlags['format']): (entry: ExportedEntry) => string {
  if (format === 'ndjson') return (entry) => `${JSON.stringify(entry)}\n`;
  return (entry) => `${COLUMNS.map((column) => entry[column] ?? '').join(',')}\n`;
}
