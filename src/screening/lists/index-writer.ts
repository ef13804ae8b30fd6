import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { defineScript } from '../../redis/script.ts';
import type { ListName, ListToken } from './entry.ts';
import { BUCKET_LOAD, type Family, familyOf, headKey, shardOfToken, TOKEN_BYTES, tokenBytes } from './index-layout.ts';
import { MEMBERSHIP_BYTES, type PackedMembership, packListAndSource, packMembership } from './membership.ts';

/**
 * What became of one record: created, updated, same as before, known in plain and to be changed in plain only, removed,
 * not there.
 */
export type IndexLetter = 'c' | 'u' | 's' | 'p' | 'r' | 'n';

export interface MembershipToPut {
  readonly token: ListToken;
  readonly membership: PackedMembership;
}

export interface MembershipToAmend {
  readonly token: ListToken;
  readonly list: ListName;
  readonly source: number;
  /** Whether the caller knows the person in plain, and therefore changes every form. */
  readonly isPlain: boolean;
}

/** A batch of an import in one table: the same batch again changes nothing and answers the same. */
export interface ImportReceipt {
  readonly importId: string;
  readonly batch: number;
  /** Buckets to grow to in advance; 0 = as the data grows. */
  readonly buckets: number;
}

export const PUT_RECORD_BYTES = TOKEN_BYTES + MEMBERSHIP_BYTES;
const AMEND_RECORD_BYTES = TOKEN_BYTES + 3;
/** Records a script call: about a millisecond of the server's time. */
const RECORDS_A_CALL = 256;

const changeScript = defineScript<'head' | 'receipts', unknown>({
  file: new URL('./change-index.lua', import.meta.url),
  keys: ['head', 'receipts'],
  reply: (raw) => raw,
});

/** Changes the index; each table by scripts of its own shard. */
export class IndexWriter {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** @returns a letter for each membership, in order */
  put(memberships: readonly MembershipToPut[]): Promise<IndexLetter[]> {
    return this.#change('put', memberships, PUT_RECORD_BYTES, ({ membership }, buffer, at) =>
      packMembership(membership, buffer, at),
    );
  }

  /** @returns a letter for each membership, in order */
  amend(op: 'remove' | 'suspend' | 'resume', memberships: readonly MembershipToAmend[]): Promise<IndexLetter[]> {
    return this.#change(op, memberships, AMEND_RECORD_BYTES, ({ list, source, isPlain }, buffer, at) => {
      buffer.writeUInt16BE(packListAndSource(list, source), at);
      buffer.writeUInt8(isPlain ? 1 : 0, at + 2);
    });
  }

  /**
   * Puts records that are packed already into one table.
   * @param records of `PUT_RECORD_BYTES` each
   * @returns a letter for each record
   */
  async putPacked(family: Family, shard: number, records: Buffer, receipt: ImportReceipt): Promise<string> {
    const keys = {
      head: headKey(this.#keys, family, shard),
      receipts: this.#keys.shard(shard, 'listimport', receipt.importId, family),
    };
    const args = ['put', records, BUCKET_LOAD, receipt.buckets, String(receipt.batch)];
    return String(await changeScript.run(this.#client, keys, args));
  }

  /**
   * Drops what expired before `today` from some buckets of one table.
   * @returns the bucket to go on with (0 = that was the last one), and token and membership of what had details
   */
  async sweep(
    family: Family,
    shard: number,
    range: { readonly from: number; readonly buckets: number; readonly today: number },
  ): Promise<{ readonly next: number; readonly dropped: readonly Buffer[] }> {
    const args = ['sweep', range.from, range.buckets, range.today, ''];
    const raw = await changeScript.run(this.#client, this.#keysOf(family, shard), args);
    const [next, ...dropped] = raw as [number, ...string[]];
    return { next, dropped: dropped.map((hex) => Buffer.from(hex, 'hex')) };
  }

  async #change<Record extends { readonly token: ListToken }>(
    op: string,
    records: readonly Record[],
    recordBytes: number,
    pack: (record: Record, buffer: Buffer, at: number) => void,
  ): Promise<IndexLetter[]> {
    const letters: IndexLetter[] = new Array(records.length);
    const calls = tablesOf(records).map(async ({ family, shard, places }) => {
      const buffer = Buffer.alloc(places.length * recordBytes);
      places.forEach(({ place, bytes }, index) => {
        const record = records[place];
        bytes.copy(buffer, index * recordBytes);
        if (record) pack(record, buffer, index * recordBytes + TOKEN_BYTES);
      });
      const answered = String(
        await changeScript.run(this.#client, this.#keysOf(family, shard), [op, buffer, BUCKET_LOAD, 0, '']),
      );
      places.forEach(({ place }, index) => {
        letters[place] = answered.charAt(index) as IndexLetter;
      });
    });
    await Promise.all(calls);
    return letters;
  }

  #keysOf(family: Family, shard: number): { head: string; receipts: string } {
    return { head: headKey(this.#keys, family, shard), receipts: this.#keys.shard(shard, 'listimport', '-', family) };
  }
}

interface TableCall {
  readonly family: Family;
  readonly shard: number;
  readonly places: { readonly place: number; readonly bytes: Buffer }[];
}

/** Records by table, at most `RECORDS_A_CALL` together. */
function tablesOf(records: readonly { readonly token: ListToken }[]): TableCall[] {
  const open = new Map<string, TableCall>();
  const calls: TableCall[] = [];
  records.forEach(({ token }, place) => {
    const family = familyOf(token);
    const bytes = tokenBytes(token.token);
    const shard = shardOfToken(bytes);
    const name = `${family}/${shard}`;
    let call = open.get(name);
    if (call === undefined || call.places.length === RECORDS_A_CALL) {
      call = { family, shard, places: [] };
      open.set(name, call);
      calls.push(call);
    }
    call.places.push({ place, bytes });
  });
  return calls;
}
