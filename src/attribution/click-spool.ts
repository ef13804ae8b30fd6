import { appendFile, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ClickArrival } from './click.ts';
import type { ClickStore } from './click-store.ts';

const REPLAY_EVERY_MS = 1_000;
const AT_ONCE = 100;

/**
 * Clicks that were answered while Redis was away: one line of JSON each in a file of this process, replayed under the ids
 * that the browsers were given as soon as Redis is back. A replay that breaks off is begun again: recording is idempotent.
 */
export class ClickSpool {
  readonly #file: string;
  readonly #clicks: ClickStore;
  readonly #failed: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> = Promise.resolve();
  #writing: Promise<void> = Promise.resolve();

  /** @param failed told of a replay that will be tried again */
  constructor(file: string, clicks: ClickStore, failed: (error: unknown) => void) {
    this.#file = file;
    this.#clicks = clicks;
    this.#failed = failed;
  }

  /** Keeps a click; resolves when it is in the file. */
  append(arrival: ClickArrival): Promise<void> {
    const write = this.#writing.then(async () => {
      await mkdir(dirname(this.#file), { recursive: true, mode: 0o700 });
      // The line break in front ends what a crash cut off.
      await appendFile(this.#file, `\n${JSON.stringify(arrival)}\n`, { mode: 0o600, flush: true });
    });
    this.#writing = write.catch(() => undefined);
    return write;
  }

  start(): void {
    const tick = (): void => {
      this.#running = this.replay()
        .catch(this.#failed)
        .then(() => {
          if (this.#timer) this.#timer = setTimeout(tick, REPLAY_EVERY_MS);
        });
    };
    this.#timer = setTimeout(tick, REPLAY_EVERY_MS);
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#running;
    await this.#writing;
  }

  /** Records everything that is kept. Throws when Redis cannot be used; nothing is lost then. */
  async replay(): Promise<void> {
    const taken = `${this.#file}.replaying`;
    // What an earlier replay left comes first; new clicks go to a fresh file meanwhile.
    await this.#replayFile(taken);
    const move = this.#writing.then(() => rename(this.#file, taken));
    this.#writing = move.catch(() => undefined);
    try {
      await move;
    } catch (error) {
      if (isAbsent(error)) return;
      throw error;
    }
    await this.#replayFile(taken);
  }

  async #replayFile(file: string): Promise<void> {
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if (isAbsent(error)) return;
      throw error;
    }
    const arrivals = text.split('\n').flatMap(readLine);
    for (let index = 0; index < arrivals.length; index += AT_ONCE) {
      await Promise.all(arrivals.slice(index, index + AT_ONCE).map((arrival) => this.#clicks.record(arrival, true)));
    }
    await rm(file);
  }
}

/** A line can be cut off by a crash; its click was not answered then. */
function readLine(line: string): ClickArrival[] {
  try {
    return line === '' ? [] : [JSON.parse(line) as ClickArrival];
  } catch {
    return [];
  }
}

function isAbsent(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
