import { isoOf } from '../../../base/clock.ts';
import { SHARD_COUNT } from '../../../base/ids.ts';
import { dayOf } from '../entry-rules.ts';
import { BUCKET_LOAD, familyOf } from '../index-layout.ts';
import { listFormsText } from '../list-tokens.ts';
import type { StoreParts } from '../store-parts.ts';
import { familiesOf, type RowIdentity } from './identify-row.ts';
import type { ImportOptions } from './import-options.ts';
import { ImportProgress, type ImportState, importIdOf } from './import-progress.ts';
import { type ListSourceFile, readHead, recordEnds } from './list-file.ts';
import type { FileFormat } from './parse-rows.ts';
import { parseRows } from './parse-rows.ts';
import { type FilePart, readParts } from './read-parts.ts';
import { RejectedFile } from './rejected-file.ts';
import { RowBatch } from './row-batch.ts';
import { type PackedRows, packRows, type RowContext, type SentRows, sendRows } from './send-rows.ts';

export interface ImportReport extends Pick<ImportState, 'rows' | 'created' | 'updated' | 'rejected'> {
  readonly importId: string;
  /** Rows that an earlier run had entered; all of them when there was nothing left to do. */
  readonly resumedRows: number;
  readonly wasDone: boolean;
}

/** Called after each batch. */
export type ImportWatcher = (state: ImportState) => void;

/**
 * Batches that are under way together: while Redis enters one, the next is read and hashed. A receipt is kept in each table
 * for as many, so one more would make a killed import count wrong.
 */
const IN_FLIGHT = 2;

/**
 * Enters a file of any size. Each batch is numbered; a table of the index remembers what it answered to the last two, and
 * how far the import has come is written after each. Killed anywhere and started again, it goes on behind the last finished
 * batch, repeats at most two, and counts every row once.
 * @throws ListFileError when the file is no list or another process takes over
 */
export async function importList(
  parts: StoreParts,
  file: ListSourceFile,
  options: ImportOptions,
  watch: ImportWatcher = () => undefined,
): Promise<ImportReport> {
  const importId = idOf(parts, file, options);
  const progress = new ImportProgress(parts.client, parts.keys, importId);
  const before = file.fingerprint === null ? undefined : await progress.load();
  if (before?.isDone && !options.restart) return { ...before, importId, resumedRows: before.rows, wasDone: true };
  const state = before && !options.restart ? before : freshState(parts, (before?.run ?? 0) + 1);
  await progress.takeOver(state);
  const rejected = new RejectedFile(options.rejectedPath, state.rejectedBytes);
  try {
    const run = new ImportRun(parts, options, { importId, progress, rejected, state, watch, size: file.size });
    const end = await run.all(file);
    return { ...end, importId, resumedRows: state.rows, wasDone: false };
  } finally {
    rejected.close();
  }
}

interface RunParts {
  readonly importId: string;
  readonly progress: ImportProgress;
  readonly rejected: RejectedFile;
  readonly state: ImportState;
  readonly watch: ImportWatcher;
  readonly size: number | null;
}

interface Pending {
  readonly part: FilePart;
  readonly packed: PackedRows;
  readonly batch: RowBatch;
  readonly sent: Promise<SentRows>;
}

class ImportRun {
  readonly #parts: StoreParts;
  readonly #options: ImportOptions;
  readonly #run: RunParts;
  readonly #identity: RowIdentity;
  readonly #idle: RowBatch[];
  #state: ImportState;
  /** Ahead of the state by what is under way. */
  #lines: number;
  #number: number;
  #context: RowContext | undefined;

  constructor(parts: StoreParts, options: ImportOptions, run: RunParts) {
    this.#parts = parts;
    this.#options = options;
    this.#run = run;
    this.#state = run.state;
    this.#lines = run.state.lines;
    this.#number = run.state.batch;
    this.#identity = { kind: options.kind, form: options.form, forms: parts.forms, tokenizer: parts.tokenizer };
    const families = familiesOf(this.#identity).map(familyOf);
    this.#idle = Array.from({ length: IN_FLIGHT + 1 }, () => new RowBatch(families));
  }

  async all(file: ListSourceFile): Promise<ImportState> {
    // Where a run goes on, the format follows from the columns that the header named.
    const isFresh = this.#state.offset === 0;
    const shape: { format: FileFormat | null } = { format: isFresh ? null : formatOf(this.#state) };
    const pending: Pending[] = [];
    for await (const part of readParts(file.stream(this.#state.offset), this.#state.offset, recordEnds(shape))) {
      if (pending.length === IN_FLIGHT) await this.#finish(pending.shift());
      pending.push(await this.#start(file, part));
    }
    while (pending.length > 0) await this.#finish(pending.shift());
    return this.#save({ ...this.#state, isDone: true });
  }

  async #start(file: ListSourceFile, part: FilePart): Promise<Pending> {
    let [bytes, columns, format] = [part.bytes, this.#state.columns, formatOf(this.#state)];
    if (part.from === 0) {
      const head = readHead(file.name, part.bytes);
      [bytes, columns, format] = [part.bytes.subarray(head.bytes), head.columns, head.format];
      this.#state = { ...this.#state, columns };
      this.#lines += head.lines;
    }
    const parsed = parseRows(bytes, format, this.#lines + 1, columns);
    this.#lines += parsed.lines;
    this.#number += 1;
    this.#context ??= await this.#contextOf(parsed.rows.length / part.bytes.length);
    const batch = this.#idle.pop() ?? new RowBatch([]);
    const packed = packRows(this.#context, parsed, this.#lines, batch);
    const sent = sendRows(this.#context, packed, batch, this.#number);
    // A failure is told where the batch is waited for; until then it must not count as unhandled.
    sent.catch(() => undefined);
    return { part, packed, batch, sent };
  }

  async #finish(pending: Pending | undefined): Promise<void> {
    if (pending === undefined) return;
    const { part, packed, batch, sent } = pending;
    const { created, updated, faults } = await sent;
    batch.clear();
    this.#idle.push(batch);
    this.#run.rejected.add(faults);
    const state = this.#state;
    await this.#logPart(state.batch + 1, created, updated);
    await this.#save({
      ...state,
      batch: state.batch + 1,
      offset: part.to,
      lines: packed.lines,
      rows: state.rows + created + updated + faults.length,
      created: state.created + created,
      updated: state.updated + updated,
      rejected: state.rejected + faults.length,
      rejectedBytes: this.#run.rejected.bytes,
    });
  }

  async #save(state: ImportState): Promise<ImportState> {
    await this.#run.progress.save(state);
    this.#state = state;
    this.#run.watch(state);
    return state;
  }

  async #contextOf(rowsPerByte: number): Promise<RowContext> {
    const { scope, contributor, list, reason, status, expiresOn } = this.#options;
    const source = await this.#parts.sources.intern({ scope, contributor });
    const { run, today } = this.#run.state;
    // Tables that are empty now would be split all the way while they fill; a list that holds these rows already stays.
    const expected = (this.#run.size ?? 0) * rowsPerByte;
    return {
      parts: this.#parts,
      identity: this.#identity,
      entry: { list, scope, reason, status, contributor, expiresOn, source },
      today,
      receipts: `${this.#run.importId}-${run}`,
      buckets: Math.ceil(expected / SHARD_COUNT / BUCKET_LOAD),
    };
  }

  async #logPart(part: number, created: number, updated: number): Promise<void> {
    const { list, scope, kind, contributor } = this.#options;
    if (created + updated === 0) return;
    const at = isoOf(this.#parts.clock.nowMs());
    const imported = { import_id: this.#run.importId, part, rows: created + updated, created, updated };
    await this.#parts.feed.log(contributor, [{ change: 'imported', id: null, list, scope, kind, at, imported }]);
  }
}

function formatOf({ columns }: ImportState): FileFormat {
  return columns.length > 0 ? 'csv' : 'ndjson';
}

function freshState({ clock }: StoreParts, run: number): ImportState {
  const counts = { rows: 0, created: 0, updated: 0, rejected: 0, rejectedBytes: 0 };
  return { run, today: dayOf(clock.nowMs()), batch: 0, offset: 0, lines: 0, columns: [], ...counts, isDone: false };
}

function idOf({ forms, clock }: StoreParts, file: ListSourceFile, options: ImportOptions): string {
  const { list, scope, kind, form, reason, status, expiresOn, contributor } = options;
  const settings = [list, scope, kind, form, reason, status ?? '', expiresOn ?? '', contributor, listFormsText(forms)];
  return importIdOf([file.fingerprint ?? `stdin ${process.pid} ${clock.nowMs()}`, ...settings]);
}
