import cluster, { type Worker } from 'node:cluster';
import { type Config, ConfigError } from '../config.ts';
import { startEmbeddedServer } from '../redis/embedded-server.ts';
import { ensureServer } from '../redis/find-server.ts';

/** What a process of the group is told when it is to drain. */
export const STOP_MESSAGE = 'stop';
/** A process that has ended by itself is started again after this long. */
const RESTART_AFTER_MS = 1_000;

/** Longer than a gateway takes to cut what does not drain. */
const STOP_TIMEOUT_MS = 20_000;

/** What a process of the group tells when it is ready. */
export interface ReadyMessage {
  readonly ready: string;
}

export interface ProcessGroup {
  /** First public origin. */
  readonly publicUrl: string;
  /** Drains every process, then stops the embedded Redis. */
  stop(): Promise<void>;
}

/**
 * Starts as many processes as the settings say, all listening on one port, on one Redis that this process owns. One that
 * ends by itself is started again.
 * @param say gets lines for a person
 * @throws ConfigError when a process ends before it was ready; nothing is left running
 */
export async function startProcessGroup(config: Config, say: (line: string) => void): Promise<ProcessGroup> {
  const redis = config.redisUrl === null ? await startEmbeddedServer(ensureServer(say), config.dataDir) : null;
  redis?.supervise(say);
  const redisUrl = redis?.url ?? config.redisUrl ?? '';
  const indexes = Array.from({ length: config.process.count }, (_, at) => at + 1);
  const members = indexes.map((index) => new Member({ SLUICE_PROCESS_INDEX: String(index), REDIS_URL: redisUrl }, say));
  const stop = async (): Promise<void> => {
    await Promise.all(members.map((member) => member.stop()));
    await redis?.stop();
  };
  try {
    const [publicUrl = ''] = await Promise.all(members.map((member) => member.start()));
    return { publicUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** One process of the group, whichever incarnation. */
class Member {
  readonly #variables: Readonly<Record<string, string>>;
  readonly #say: (line: string) => void;
  #worker: Worker | undefined;
  #isReady = false;
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;

  constructor(variables: Readonly<Record<string, string>>, say: (line: string) => void) {
    this.#variables = variables;
    this.#say = say;
  }

  /** Resolves with its public origin when it is ready; rejects when it ends before. */
  start(): Promise<string> {
    return new Promise((resolve, reject) => {
      const worker = cluster.fork(this.#variables);
      this.#worker = worker;
      this.#isReady = false;
      worker.on('message', (message: ReadyMessage) => {
        this.#isReady = true;
        resolve(message.ready);
      });
      worker.once('exit', (code, signal) => {
        this.#worker = undefined;
        // Without effect once it was ready.
        reject(new ConfigError(`a process ended before it was ready (${signal ?? code})`));
        if (this.#stopping || !this.#isReady) return;
        this.#say(`a process has ended (${signal ?? code}); starting it again`);
        this.#restart();
      });
    });
  }

  /** Resolves when it has drained and ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const worker = this.#worker;
    if (worker === undefined) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    const kill = (): void => void worker.process.kill('SIGKILL');
    const deadline = setTimeout(kill, STOP_TIMEOUT_MS);
    // One that is still starting has nothing to drain, and may not listen to us yet.
    if (this.#isReady && worker.isConnected()) worker.send(STOP_MESSAGE, (error) => error && kill());
    else kill();
    await ended;
    clearTimeout(deadline);
  }

  #restart(): void {
    this.#timer = setTimeout(() => {
      this.start().catch(() => {
        if (!this.#stopping && !this.#isReady) this.#restart();
      });
    }, RESTART_AFTER_MS);
  }
}
