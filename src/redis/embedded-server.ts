import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { adoptOrLaunch, hasEnded, type ServerPlace, stopServer } from './server-process.ts';

/** sun_path holds 108 bytes with its NUL; a longer data path puts the socket into the system's temporary folder. */
const SOCKET_PATH_MAX_BYTES = 100;
/** How soon an end is noticed; looking costs a connection on the socket. */
const LOOK_EVERY_MS = 200;
/** A server that does not come up is tried again after this long at first, twice as long each time, … */
const RETRY_FIRST_MS = 200;
/** … and at the most. */
const RETRY_MAX_MS = 5_000;

/** A Redis of our own, as a child process on a unix socket, durable in the data folder. */
export interface EmbeddedServer {
  readonly url: string;
  /** Another one after it had to be started again. */
  readonly pid: number;
  /**
   * From now on starts the server again whenever it ends without having been asked to: on the same socket and files, so
   * connections find it again by themselves.
   * @param told gets one line for a person of every end and every start that fails
   */
  supervise(told: (line: string) => void): void;
  /** Asks the server to stop and waits until it has. Everything acknowledged is on disk already. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded server, or adopts the one that a killed gateway left running on the same data folder.
 * @param binary path of redis-server or valkey-server
 * @param dataDir `SLUICE_DATA`; the files lie in `<dataDir>/redis`
 */
export async function startEmbeddedServer(binary: string, dataDir: string): Promise<EmbeddedServer> {
  const directory = resolve(dataDir, 'redis');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const place: ServerPlace = { binary, directory, socket: socketPath(directory) };
  return new OwnServer(place, await adoptOrLaunch(place));
}

class OwnServer implements EmbeddedServer {
  readonly url: string;
  readonly #place: ServerPlace;
  #pid: number;
  #stopping = false;
  #timer: NodeJS.Timeout | undefined;
  #look: Promise<void> = Promise.resolve();

  constructor(place: ServerPlace, pid: number) {
    this.#place = place;
    this.#pid = pid;
    this.url = `unix:${place.socket}`;
  }

  get pid(): number {
    return this.#pid;
  }

  supervise(told: (line: string) => void): void {
    let retryMs = RETRY_FIRST_MS;
    const look = async (): Promise<number> => {
      if (!(await hasEnded(this.#place, this.#pid)) || this.#stopping) return LOOK_EVERY_MS;
      told('the embedded Redis has ended; starting it again');
      try {
        this.#pid = await adoptOrLaunch(this.#place);
        retryMs = RETRY_FIRST_MS;
        return LOOK_EVERY_MS;
      } catch (error) {
        told(error instanceof Error ? error.message : 'the embedded Redis did not start');
        retryMs = Math.min(retryMs * 2, RETRY_MAX_MS);
        return retryMs;
      }
    };
    const lookAgainIn = (ms: number): void => {
      if (this.#stopping) return;
      this.#timer = setTimeout(() => {
        this.#look = look().then(lookAgainIn);
      }, ms);
    };
    lookAgainIn(LOOK_EVERY_MS);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    await this.#look;
    await stopServer(this.#place, this.#pid);
  }
}

function socketPath(directory: string): string {
  const inside = join(directory, 'redis.sock');
  if (Buffer.byteLength(inside) <= SOCKET_PATH_MAX_BYTES) return inside;
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  return join(tmpdir(), `sluice-${name}.sock`);
}
