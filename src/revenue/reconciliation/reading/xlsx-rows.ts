import { streamXlsxRows } from 'hucre/xlsx';
import { type SourceRow, UnreadableFileError } from './source-row.ts';

/**
 * Rows of one sheet of a workbook, read one after the other; the compressed file is in memory, its content is not.
 * @param sheet name; undefined = the first
 * @throws UnreadableFileError for what is no workbook, or has no such sheet
 */
export async function* xlsxRows(bytes: Uint8Array, sheet: string | undefined): AsyncGenerator<SourceRow> {
  try {
    for await (const row of streamXlsxRows(bytes, { sheet: sheet ?? 0 })) {
      yield { line: row.index + 1, cells: row.values };
    }
  } catch (error) {
    throw new UnreadableFileError(`the workbook cannot be read: ${error instanceof Error ? error.message : 'unknown'}`);
  }
}
