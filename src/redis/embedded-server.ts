import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 10_000;
/** sun_path holds 108 bytes with its NUL; a longer data path puts the socket into the system's temporary folder. */
const SOCKET_PATH_MAX_BYTES = 100;

/** A Redis of our own, as a child process on a unix socket, durable in the data folder. */
export interface EmbeddedServer {
  readonly url: string;
  readonly pid: number;
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
  const socket = socketPath(directory);
  const pidFile = join(directory, 'server.pid');
  const adopted = (await answers(socket)) ? readPid(pidFile) : undefined;
  const pid = adopted ?? (await launch(binary, directory, socket, pidFile));
  return { url: `unix:${socket}`, pid, stop: () => stop(pid, socket, pidFile) };
}

function socketPath(directory: string): string {
  const inside = join(directory, 'redis.sock');
  if (Buffer.byteLength(inside) <= SOCKET_PATH_MAX_BYTES) return inside;
  const name = createHash('sha256').update(directory).digest('hex').slice(0, 16);
  return join(tmpdir(), `sluice-${name}.sock`);
}

async function launch(binary: string, directory: string, socket: string, pidFile: string): Promise<number> {
  rmSync(socket, { force: true });
  const log = openSync(join(directory, 'server.log'), 'a');
  // Detached: a Ctrl-C reaches our whole process group, and the server must outlive the gateway's drain.
  const child = spawn(binary, serverArguments(directory, socket), { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  let exited: string | undefined;
  child.once('error', (error) => {
    exited = error.message;
  });
  child.once('exit', (code, signal) => {
    exited = `exit ${code ?? signal}`;
  });
  child.unref();
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(socket))) {
    if (exited) throw new Error(`the embedded Redis did not start (${exited}); see ${join(directory, 'server.log')}`);
    if (Date.now() > deadline) throw new Error('the embedded Redis did not answer within 15 s');
    await sleep(15);
  }
  if (child.pid === undefined) throw new Error('the embedded Redis has no process id');
  writeFileSync(pidFile, `${child.pid}\n`, { mode: 0o600 });
  return child.pid;
}

function serverArguments(directory: string, socket: string): string[] {
  const settings: Record<string, string> = {
    port: '0',
    unixsocket: socket,
    unixsocketperm: '700',
    dir: directory,
    appendonly: 'yes',
    appendfsync: 'always',
    'aof-load-truncated': 'yes',
    save: '',
    'maxmemory-policy': 'noeviction',
    // The lookup lists are small-field hashes kept as listpacks; a larger limit would slow each lookup down.
    'hash-max-listpack-entries': '512',
    'hash-max-listpack-value': '64',
    daemonize: 'no',
  };
  return Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
}

async function stop(pid: number, socket: string, pidFile: string): Promise<void> {
  if (!isAlive(pid)) return;
  process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (isAlive(pid)) {
    if (Date.now() > deadline) {
      process.kill(pid, 'SIGKILL');
      break;
    }
    await sleep(10);
  }
  rmSync(pidFile, { force: true });
  rmSync(socket, { force: true });
}

/** Whether something on the socket speaks Redis (a server that is still loading its file does not count). */
function answers(socket: string): Promise<boolean> {
  return new Promise((done) => {
    const connection = connect(socket);
    const finish = (ok: boolean): void => {
      connection.destroy();
      done(ok);
    };
    connection.setTimeout(500, () => finish(false));
    connection.once('error', () => finish(false));
    connection.once('connect', () => connection.write('PING\r\n'));
    connection.once('data', (data) => finish(data.toString('latin1').startsWith('+PONG')));
  });
}

function readPid(pidFile: string): number {
  const pid = Number.parseInt(readFileSync(pidFile, 'utf8'), 10);
  if (!Number.isInteger(pid)) throw new Error(`a Redis answers on the socket, but ${pidFile} names no process`);
  return pid;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
