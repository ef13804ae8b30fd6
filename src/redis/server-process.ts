import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const START_TIMEOUT_MS = 15_000;
const STOP_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 500;
const LOOK_EVERY_MS = 15;

/** Where a server of ours lives. */
export interface ServerPlace {
  /** Path of redis-server or valkey-server. */
  readonly binary: string;
  /** Folder of its data and its log. */
  readonly directory: string;
  /** Path of its unix socket. */
  readonly socket: string;
}

/**
 * The server that answers at a place: the one that was left running there, else a new one. Two servers must never write the
 * same files, so one that is there but still loads, or hangs, is waited for.
 * @returns its process id
 * @throws Error when it cannot be started or does not answer, with where to read why
 */
export async function adoptOrLaunch(place: ServerPlace): Promise<number> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const state = await probe(place.socket);
    if (state === 'ready') return readPid(pidFileOf(place));
    if (state === 'absent') return launch(place);
    if (Date.now() > deadline) throw new Error(`a Redis is on ${place.socket} but does not answer; end it first`);
    await delay(LOOK_EVERY_MS);
  }
}

/** Asks a server to stop and waits until it has. */
export async function stopServer(place: ServerPlace, pid: number): Promise<void> {
  if (await hasEnded(place, pid)) return;
  process.kill(pid, 'SIGTERM');
  const deadline = Date.now() + STOP_TIMEOUT_MS;
  while (isAlive(pid)) {
    if (Date.now() > deadline) {
      process.kill(pid, 'SIGKILL');
      break;
    }
    await delay(10);
  }
  rmSync(pidFileOf(place), { force: true });
  rmSync(place.socket, { force: true });
}

/**
 * Whether a server has ended. A socket file that refuses connections proves it too: that tells apart an orphan which nobody
 * has reaped, and a process id that was given to somebody else. A missing file proves nothing, it may have been swept away.
 */
export async function hasEnded(place: ServerPlace, pid: number): Promise<boolean> {
  return !isAlive(pid) || (await isRefused(place.socket));
}

async function launch(place: ServerPlace): Promise<number> {
  const { binary, directory, socket } = place;
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
  // At once: whoever starts after us while we are killed must find out whom it adopts.
  if (child.pid !== undefined) writeFileSync(pidFileOf(place), `${child.pid}\n`, { mode: 0o600 });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while ((await probe(socket)) !== 'ready') {
    if (exited) throw new Error(`the embedded Redis did not start (${exited}); see ${join(directory, 'server.log')}`);
    if (Date.now() > deadline) throw new Error('the embedded Redis did not answer within 15 s');
    await delay(LOOK_EVERY_MS);
  }
  if (child.pid === undefined) throw new Error('the embedded Redis has no process id');
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

/** `ready`: it speaks Redis; `busy`: it takes connections but is loading its file, or hangs; `absent`: nobody listens. */
function probe(socket: string): Promise<'ready' | 'busy' | 'absent'> {
  return new Promise((done) => {
    const connection = connect(socket);
    const finish = (state: 'ready' | 'busy' | 'absent'): void => {
      connection.destroy();
      done(state);
    };
    connection.setTimeout(ANSWER_TIMEOUT_MS, () => finish('busy'));
    connection.once('error', (error) => finish(codeOf(error) === 'EAGAIN' ? 'busy' : 'absent'));
    connection.once('connect', () => connection.write('PING\r\n'));
    connection.once('data', (data) => finish(data.toString('latin1').startsWith('+PONG') ? 'ready' : 'busy'));
  });
}

function isRefused(socket: string): Promise<boolean> {
  return new Promise((done) => {
    const connection = connect(socket);
    const finish = (refused: boolean): void => {
      connection.destroy();
      done(refused);
    };
    connection.once('connect', () => finish(false));
    connection.once('error', (error) => finish(codeOf(error) === 'ECONNREFUSED'));
  });
}

function codeOf(error: Error): unknown {
  return (error as NodeJS.ErrnoException).code;
}

function pidFileOf({ directory }: ServerPlace): string {
  return join(directory, 'server.pid');
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
