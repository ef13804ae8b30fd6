import { randomUUID } from 'node:crypto';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Tells what requests make a gateway ask of its Redis, apart from what it asks when nobody calls. */
export interface RedisWatch {
  /**
   * Key names that this makes the gateway touch, such as `nonce` or `app`, besides those that idle ones touch. Done again
   * when the first time shows any: what a worker happened to do just then it does not do every time.
   */
  touchedBy(action: () => Promise<unknown>): Promise<string[]>;
  close(): void;
}

/** Key names that workers read and write by themselves; those that are seen while idle are added. */
const OF_WORKERS = [
  ...['log', 'lease', 'fence', 'cursors', 'parked', 'redrive', 'intents', 'lanes', 'outbox', 'dead', 'timers', 'holds'],
  ...['clock', 'meta', 'deliveries', 'queue', 'waiting'],
];
const OF_REQUESTS = ['nonce', 'app', 'sealed', 'claim', 'hold'];
const IDLE_MS = 800;
/** Times that an action is done again before it counts that it touches something. */
const LOOKS = 2;
/** Names in `prefix{tag}:name:…`, anywhere in a line of `MONITOR`. */
const KEY_NAME = /"[^"{]*\{([^}"]+)\}:([a-z]+)/g;

/**
 * Listens to everything that an embedded Redis is asked (`MONITOR`, also what scripts ask within). Learns for a moment what
 * an idle gateway does, so call it while nobody sends requests.
 */
export async function watchRedis(dataDir: string): Promise<RedisWatch> {
  const path = join(dataDir, 'redis', 'redis.sock');
  const asker = connect(path);
  asker.resume();
  const monitor = connect(path).setEncoding('latin1');
  let seen = '';
  monitor.on('data', (text: string) => {
    seen += text;
  });
  // Either may lose its server; then nothing more is seen, and whoever waits for it fails in time.
  for (const socket of [asker, monitor]) socket.on('error', () => undefined);
  monitor.write('MONITOR\r\n');
  while (!seen.startsWith('+OK\r\n')) await delay(2);
  /** What was asked since the last call; resolves when everything that was asked before has been seen. */
  const catchUp = async (): Promise<string[]> => {
    const mark = randomUUID();
    asker.write(`ECHO ${mark}\r\n`);
    while (!seen.includes(`"${mark}"\r\n`)) await delay(2);
    const text = seen;
    seen = '';
    return [...text.matchAll(KEY_NAME)].flatMap(([, tag = '', name = '']) => (tag.startsWith('sbx:') ? [] : [name]));
  };
  await delay(IDLE_MS);
  const idle = new Set([...OF_WORKERS, ...(await catchUp())]);
  const mistaken = OF_REQUESTS.filter((name) => idle.has(name));
  if (mistaken.length > 0) throw new Error(`the gateway is not idle: it asks for ${mistaken.join(', ')}`);
  const once = async (action: () => Promise<unknown>): Promise<Set<string>> => {
    await catchUp();
    await action();
    return new Set((await catchUp()).filter((name) => !idle.has(name)));
  };
  return {
    async touchedBy(action) {
      let names = await once(action);
      for (let look = 0; look < LOOKS && names.size > 0; look += 1) {
        // Whatever is touched while nobody calls is the work of workers; a request's own keys never are.
        for (const name of await once(() => delay(IDLE_MS))) if (!OF_REQUESTS.includes(name)) idle.add(name);
        const again = await once(action);
        names = new Set([...names].filter((name) => again.has(name) && !idle.has(name)));
      }
      return [...names];
    },
    close: () => {
      monitor.destroy();
      asker.destroy();
    },
  };
}
