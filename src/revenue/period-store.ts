import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import type { LedgerBasis } from './ledger-batch.ts';
import { BASIS_FIELDS, basisOf } from './ledger-reader.ts';
import { type ClosingRecord, isClosing, type Movements, NO_MOVEMENTS, type PeriodRecord } from './period-record.ts';
import { bookField, MOVEMENT_KINDS, rangeOf, slotKeys } from './slot.ts';
import type { Statement } from './statement.ts';

/** The periods of one contract as of one moment of the book. */
export interface ContractPeriods extends LedgerBasis {
  /** Id of the first period that still takes lines; undefined = none was cut. */
  readonly open: string | undefined;
  /** By id, in order. */
  readonly records: ReadonlyMap<string, PeriodRecord>;
  /** What moved in each period of `records`. */
  readonly movements: ReadonlyMap<string, Movements>;
}

/** Periods and statements of all counterparties, read only: they are written by ledger batches. */
export class PeriodStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** The book is read first: whoever appends on this basis knows that the rest is still true. */
  async periodsOf(partnerId: string, contract: string): Promise<ContractPeriods> {
    const { book } = slotKeys(this.#keys, partnerId);
    const values = await this.#client.hmget(book, ...BASIS_FIELDS, bookField.open(contract));
    const records = (await this.records(partnerId)).filter((record) => record.contract === contract);
    const ids = records.map(({ id }) => id);
    const fields = ids.flatMap((id) => MOVEMENT_KINDS.map((kind) => bookField.moved(contract, id, kind)));
    const moved = fields.length === 0 ? [] : await this.#client.hmget(book, ...fields);
    return {
      ...basisOf(values),
      open: values[BASIS_FIELDS.length] ?? undefined,
      records: new Map(records.map((record) => [record.id, record])),
      movements: new Map(ids.map((id, index) => [id, movementsAt(moved, index)])),
    };
  }

  /** Every period that anything lies in or that was closed, by contract and first day. */
  async records(partnerId: string): Promise<PeriodRecord[]> {
    const stored = await this.#client.hvals(slotKeys(this.#keys, partnerId).periods);
    const records = stored.map((json) => JSON.parse(json) as PeriodRecord);
    const order = (record: PeriodRecord) => `${record.contract}|${record.id}`;
    return records.sort((a, b) => (order(a) < order(b) ? -1 : 1));
  }

  /** Whether no statement of the period would say anything. */
  async isEmpty(partnerId: string, contract: string, id: string, movements: Movements | undefined): Promise<boolean> {
    if (movements !== undefined && Object.values(movements).some((amount) => amount !== 0n)) return false;
    const { min, max } = rangeOf(contract, id);
    const key = slotKeys(this.#keys, partnerId).linesByPeriod;
    return (await this.#client.zlexcount(key, min, max)) === 0;
  }

  async statement(partnerId: string, statementId: string): Promise<Statement | undefined> {
    const json = await this.#client.hget(slotKeys(this.#keys, partnerId).statements, statementId);
    return json === null ? undefined : (JSON.parse(json) as Statement);
  }

  /** All statements, newest period first. */
  async statements(partnerId: string): Promise<Statement[]> {
    const stored = await this.#client.hvals(slotKeys(this.#keys, partnerId).statements);
    const statements = stored.map((json) => JSON.parse(json) as Statement);
    return statements.sort((a, b) => (statementOrder(a) > statementOrder(b) ? -1 : 1));
  }

  /** The statement that this period's opens with: of the last period before it that was locked with one. */
  async statementBefore(partnerId: string, periods: ContractPeriods, id: string): Promise<Statement | undefined> {
    const before = [...periods.records.values()].filter(
      (record): record is ClosingRecord => isClosing(record) && record.state === 'locked' && record.id < id,
    );
    const last = before.at(-1);
    return last === undefined ? undefined : this.statement(partnerId, last.statement_id);
  }
}

/** By period, then contract: unique among a counterparty's statements. */
export function statementOrder({ period, contract }: Statement): string {
  return `${period.id}|${contract}`;
}

function movementsAt(moved: readonly (string | null)[], index: number): Movements {
  const start = index * MOVEMENT_KINDS.length;
  const pairs = MOVEMENT_KINDS.map((kind, at) => [kind, BigInt(moved[start + at] ?? 0)] as const);
  return { ...NO_MOVEMENTS, ...Object.fromEntries(pairs) };
}
