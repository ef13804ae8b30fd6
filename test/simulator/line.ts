import { connect, createServer, type Server, type Socket } from 'node:net';
import { SLOT_KEYS } from '../../src/revenue/slot.ts';
import { RespFrames } from './resp-frames.ts';

/** What a process has sent and nobody has passed on yet. */
export interface HeldRequest {
  /** Whether it writes to a ledger. */
  readonly isAppend: boolean;
  readonly commands: number;
}

const REPLY_TIMEOUT_MS = 15_000;
/** The number of keys is what tells the append from the scripts that read. */
const APPEND = `\r\n$${String(SLOT_KEYS.length).length}\r\n${SLOT_KEYS.length}\r\n$`;

/**
 * One process' way to Redis: a socket of its own before that of the server. While it is held, each request waits to be let
 * through, its reply waits to be handed over, and either can be lost with the connection.
 */
export class Line {
  readonly path: string;
  /** Told whenever a request has come in whole. */
  onRequest: () => void = () => undefined;
  readonly #server: Server;
  readonly #target: string;
  readonly #sockets = new Set<Socket>();
  #isHeld = false;
  #held: { readonly request: HeldRequest; readonly bytes: Buffer; readonly from: Passage } | null = null;

  constructor(path: string, target: string) {
    this.path = path;
    this.#target = target;
    this.#server = createServer((client) => this.#accept(client));
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(this.path, resolve));
  }

  /** The request that waits, null when none does. */
  get held(): HeldRequest | null {
    return this.#held?.request ?? null;
  }

  /** From now on every request waits. */
  hold(): void {
    this.#isHeld = true;
  }

  /** Whatever waits and comes goes through as if the line were not there. */
  open(): void {
    this.#isHeld = false;
    const held = this.#held;
    this.#held = null;
    held?.from.forward(held.bytes);
  }

  /** Lets the request that waits through. @returns hands its reply over, once it is there */
  async pass(): Promise<() => void> {
    const held = this.#held;
    if (held === null) throw new Error('nothing waits on this line');
    this.#held = null;
    const reply = await held.from.exchange(held.bytes, held.request.commands);
    return () => held.from.answer(reply);
  }

  /** Everything under way is lost; who connects again gets through. */
  cut(): void {
    this.#isHeld = false;
    this.#held = null;
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(client: Socket): void {
    const server = connect(this.#target);
    const passage = new Passage(client, server);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
    }
    let waiting: Buffer[] = [];
    let frames = new RespFrames();
    client.on('data', (chunk: Buffer) => {
      if (!this.#isHeld) return passage.forward(chunk);
      waiting.push(chunk);
      frames.add(chunk);
      if (!frames.isWhole) return;
      const bytes = Buffer.concat([...(this.#held === null ? [] : [this.#held.bytes]), ...waiting]);
      const commands = frames.count + (this.#held?.request.commands ?? 0);
      [waiting, frames] = [[], new RespFrames()];
      const isAppend = bytes.includes('\r\neval') && bytes.includes(APPEND);
      this.#held = { request: { isAppend, commands }, bytes, from: passage };
      this.onRequest();
    });
  }
}

/** A connection of a process and the one to the server behind it. */
class Passage {
  readonly #client: Socket;
  readonly #server: Socket;
  #awaited: { readonly frames: RespFrames; readonly chunks: Buffer[]; readonly count: number; done(): void } | null =
    null;

  constructor(client: Socket, server: Socket) {
    this.#client = client;
    this.#server = server;
    server.on('data', (chunk: Buffer) => {
      const awaited = this.#awaited;
      if (awaited === null) return void client.write(chunk);
      awaited.chunks.push(chunk);
      awaited.frames.add(chunk);
      if (awaited.frames.isWhole && awaited.frames.count >= awaited.count) awaited.done();
    });
  }

  forward(bytes: Buffer): void {
    this.#server.write(bytes);
  }

  answer(bytes: Buffer): void {
    this.#client.write(bytes);
  }

  exchange(bytes: Buffer, count: number): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const end = (): void => {
        clearTimeout(timer);
        this.#awaited = null;
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error('Redis did not answer a request that was let through'));
      }, REPLY_TIMEOUT_MS);
      this.#awaited = {
        frames: new RespFrames(),
        chunks,
        count,
        done: () => {
          end();
          resolve(Buffer.concat(chunks));
        },
      };
      this.forward(bytes);
    });
  }
}
