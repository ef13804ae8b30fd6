import { SHARD_COUNT } from '../../../base/ids.ts';
import type { Token } from '../../../identity/token.ts';
import { type Family, TOKEN_BYTES } from '../index-layout.ts';
import { PUT_RECORD_BYTES } from '../index-writer.ts';
import { type PackedMembership, packMembership } from '../membership.ts';

/** The records of one table in a batch; `rows` says which row each of them belongs to. */
export interface TableRecords {
  readonly family: Family;
  readonly shard: number;
  readonly records: Buffer;
  readonly rows: Uint32Array;
}

const FIRST_CAPACITY = 256;

/** Records of a batch, packed by table. Used again for a later batch, so that memory does not grow with the file. */
export class RowBatch {
  readonly #families: readonly Family[];
  readonly #tables: GrowingTable[];
  readonly #token = Buffer.alloc(TOKEN_BYTES);

  constructor(families: readonly Family[]) {
    this.#families = families;
    this.#tables = families.flatMap(() => Array.from({ length: SHARD_COUNT }, () => new GrowingTable()));
  }

  /** @param tokens one for each family, in their order */
  add(row: number, tokens: readonly Token[], membership: PackedMembership): void {
    tokens.forEach((token, family) => {
      this.#token.write(token, 'base64url');
      const shard = this.#token.readUInt8(0) % SHARD_COUNT;
      this.#tables[family * SHARD_COUNT + shard]?.add(row, this.#token, membership);
    });
  }

  /** What was added, table by table; good until `clear`. */
  tables(): TableRecords[] {
    return this.#tables.flatMap((table, at) => {
      const family = this.#families[Math.floor(at / SHARD_COUNT)];
      return family === undefined || table.count === 0 ? [] : [{ family, shard: at % SHARD_COUNT, ...table.taken() }];
    });
  }

  clear(): void {
    for (const table of this.#tables) table.count = 0;
  }
}

class GrowingTable {
  count = 0;
  #records = Buffer.alloc(FIRST_CAPACITY * PUT_RECORD_BYTES);
  #rows = new Uint32Array(FIRST_CAPACITY);

  add(row: number, token: Buffer, membership: PackedMembership): void {
    if (this.count === this.#rows.length) this.#grow();
    const at = this.count * PUT_RECORD_BYTES;
    token.copy(this.#records, at);
    packMembership(membership, this.#records, at + TOKEN_BYTES);
    this.#rows[this.count] = row;
    this.count += 1;
  }

  taken(): Pick<TableRecords, 'records' | 'rows'> {
    return {
      records: this.#records.subarray(0, this.count * PUT_RECORD_BYTES),
      rows: this.#rows.subarray(0, this.count),
    };
  }

  #grow(): void {
    const [records, rows] = [this.#records, this.#rows];
    this.#records = Buffer.alloc(records.length * 2);
    records.copy(this.#records);
    this.#rows = new Uint32Array(rows.length * 2);
    this.#rows.set(rows);
  }
}
