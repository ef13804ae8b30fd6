import { msOf } from '../../base/clock.ts';
import { ALL_SHARDS } from '../../base/ids.ts';
import type { LogEvent } from '../../events/event.ts';
import type { LedgerReader } from '../ledger-reader.ts';
import type { MoneyEvent } from '../money-event.ts';
import { counterpartyOf, loanIdNeeded, moneyEventOf } from '../money-event-of.ts';

export interface ExportDeps {
  /** Events of a shard after a place, oldest first. */
  readonly readLog: (shard: number, after: string, count: number) => Promise<readonly LogEvent[]>;
  /** For loans that were disbursed before the time that is exported. */
  readonly ledger: Pick<LedgerReader, 'loanFacts'>;
  /** Told how many events were looked at. */
  readonly progress?: (done: number) => void;
}

export interface ExportWish {
  readonly partnerId: string;
  /** `recorded_at` within [from, to). */
  readonly fromMs: number;
  readonly toMs: number;
}

/** An event that cannot be priced as the log has it. */
export interface ExportFault {
  readonly id: string;
  readonly problem: string;
}

const PAGE = 200;
const FIRST = '0-0';

/**
 * The events that may earn a partner money, or take it back, in the order in which they were recorded: the logs of all
 * shards merged, a page of each in memory.
 * @param failed told of events that are left out because they lack something
 */
export async function* exportMoneyEvents(
  deps: ExportDeps,
  { partnerId, fromMs, toMs }: ExportWish,
  failed: (fault: ExportFault) => void,
): AsyncGenerator<MoneyEvent> {
  for await (const event of merged(deps)) {
    const recordedMs = msOf(event.recorded_at);
    if (recordedMs < fromMs || recordedMs >= toMs || counterpartyOf(event) !== partnerId) continue;
    const loanId = loanIdNeeded(event);
    const [facts] = loanId === null ? [null] : await deps.ledger.loanFacts(partnerId, [loanId]);
    try {
      const money = moneyEventOf(event, facts ?? null);
      if (money !== undefined) yield money;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      failed({ id: event.id, problem: error.message });
    }
  }
}

/** One shard's log, as far as it was read. */
class ShardReader {
  readonly shard: number;
  readonly #readLog: ExportDeps['readLog'];
  #page: readonly LogEvent[] = [];
  #at = 0;
  #after = FIRST;
  #isOver = false;

  constructor(shard: number, readLog: ExportDeps['readLog']) {
    this.shard = shard;
    this.#readLog = readLog;
  }

  /** The next event, which stays the next one until it is taken; undefined at the end. */
  async peek(): Promise<LogEvent | undefined> {
    if (this.#at >= this.#page.length && !this.#isOver) {
      this.#page = await this.#readLog(this.shard, this.#after, PAGE);
      this.#at = 0;
      this.#after = this.#page.at(-1)?.position ?? this.#after;
      this.#isOver = this.#page.length < PAGE;
    }
    return this.#page[this.#at];
  }

  take(): void {
    this.#at += 1;
  }
}

async function* merged({ readLog, progress }: ExportDeps): AsyncGenerator<LogEvent> {
  const readers = ALL_SHARDS.map((shard) => new ShardReader(shard, readLog));
  const heads = await Promise.all(readers.map((reader) => reader.peek()));
  for (let done = 1; ; done += 1) {
    let first = -1;
    for (const [index, head] of heads.entries()) {
      const earliest = first < 0 ? undefined : heads[first];
      if (head !== undefined && (earliest === undefined || isEarlier(head, earliest))) first = index;
    }
    const [head, reader] = [heads[first], readers[first]];
    if (head === undefined || reader === undefined) return;
    yield head;
    reader.take();
    heads[first] = await reader.peek();
    progress?.(done);
  }
}

function isEarlier(one: LogEvent, other: LogEvent): boolean {
  if (one.recorded_at !== other.recorded_at) return one.recorded_at < other.recorded_at;
  return one.id < other.id;
}
