import type { Clock } from '../../src/base/clock.ts';
import type { Projection } from '../../src/events/projection.ts';
import { connectRedis, type RedisClient } from '../../src/redis/connection.ts';
import { PeriodCloser } from '../../src/revenue/close-period.ts';
import { createCommissionProjection } from '../../src/revenue/commission-projection.ts';
import { EventBooker } from '../../src/revenue/event-booker.ts';
import { LedgerStore } from '../../src/revenue/ledger-store.ts';
import { PeriodStore } from '../../src/revenue/period-store.ts';
import { HoldReleaser } from '../../src/revenue/release-holds.ts';
import type { CompactJwsSigner } from '../../src/revenue/sign-statement.ts';
import type { ContractTerms } from '../../src/revenue/terms.ts';
import { Line } from './line.ts';
import { type OwnRedis, PATIENT, untilReady } from './own-redis.ts';

export interface ProcessSurroundings {
  readonly redis: OwnRedis;
  readonly clock: Clock;
  readonly sign: CompactJwsSigner;
  readonly contractsOf: (partnerId: string) => readonly ContractTerms[] | undefined;
  readonly partners: () => Iterable<string>;
}

/** The revenue room as one gateway process has it: a connection and a memory of its own. */
export interface Rooms {
  readonly store: LedgerStore;
  readonly periods: PeriodStore;
  readonly releaser: HoldReleaser;
  readonly closer: PeriodCloser;
  readonly commission: Projection;
}

/** A process that can lose its connection, or its life. */
export class SimProcess {
  readonly name: string;
  readonly #around: ProcessSurroundings;
  #line: Line;
  #client: RedisClient;
  #rooms: Rooms;
  #lives: number;

  private constructor(name: string, around: ProcessSurroundings, line: Line, client: RedisClient, lives: number) {
    this.name = name;
    this.#around = around;
    this.#line = line;
    this.#client = client;
    this.#rooms = openRooms(around, client);
    this.#lives = lives;
  }

  static async start(name: string, around: ProcessSurroundings): Promise<SimProcess> {
    const { line, client } = await connectBy(around, `${name}-0`);
    return new SimProcess(name, around, line, client, 0);
  }

  get line(): Line {
    return this.#line;
  }

  get rooms(): Rooms {
    return this.#rooms;
  }

  /** The connection is lost; memory stays. */
  async reconnect(): Promise<void> {
    this.#line.cut();
    await untilReady(this.#client);
  }

  /** The process is gone with all that it knew, and another takes its place. */
  async restart(): Promise<void> {
    this.#client.disconnect();
    await this.#line.close();
    this.#lives += 1;
    const { line, client } = await connectBy(this.#around, `${this.name}-${this.#lives}`);
    this.#line = line;
    this.#client = client;
    this.#rooms = openRooms(this.#around, client);
  }

  async stop(): Promise<void> {
    this.#client.disconnect();
    await this.#line.close();
  }
}

async function connectBy({ redis }: ProcessSurroundings, name: string): Promise<{ line: Line; client: RedisClient }> {
  const line = new Line(`${redis.directory}/${name}.sock`, redis.socket);
  await line.listen();
  return { line, client: await connectRedis({ url: `unix:${line.path}` }, PATIENT) };
}

function openRooms({ redis, clock, sign, contractsOf, partners }: ProcessSurroundings, client: RedisClient): Rooms {
  const store = new LedgerStore(client, redis.keys);
  const periods = new PeriodStore(client, redis.keys);
  const releaser = new HoldReleaser({ store, clock, contractsOf, partners });
  const blockersOf = async () => [];
  const closer = new PeriodCloser({ store, periods, releaser, clock, mode: 'live', contractsOf, sign, blockersOf });
  const commission = createCommissionProjection({ booker: new EventBooker(store, clock), contractsOf });
  return { store, periods, releaser, closer, commission };
}
