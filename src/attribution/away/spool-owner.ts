import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** Nobody's: whoever comes first may take the segment. */
export const FREE = 'free';
const NAMESPACE_DIGITS = 8;
const TAG = /^([0-9a-f]{8})\.(\d+)\.(\d+)$/;
/** Field 22 of /proc/<pid>/stat, counted behind the command's name, which ends with the last bracket: see proc(5). */
const START_TIME_FIELD = 19;

/** Who a process is among all that may share a folder: within which system it is counted, its number there, its start. */
export function ownTag(): string {
  return `${namespaceTag()}.${process.pid}.${startTimeOf(process.pid) ?? 0}`;
}

/**
 * Whether the process of a tag still runs; undefined when that cannot be told from here, because it is counted in another
 * container, on another machine, or before the machine was started again.
 */
export function isAlive(tag: string): boolean | undefined {
  const [, namespace, pid, startTime] = TAG.exec(tag) ?? [];
  if (namespace === undefined) return tag === FREE ? false : undefined;
  if (namespace !== namespaceTag()) return undefined;
  const now = startTimeOf(Number(pid));
  return now === undefined ? canBeSignalled(Number(pid)) : now === startTime;
}

let namespace: string | undefined;

/** Where process numbers are counted: this start of this machine, this container. */
function namespaceTag(): string {
  namespace ??= createHash('sha256')
    .update(JSON.stringify([hostname(), bootId(), pidNamespace()]))
    .digest('hex')
    .slice(0, NAMESPACE_DIGITS);
  return namespace;
}

function bootId(): string {
  return orNothing(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()) ?? '';
}

function pidNamespace(): string {
  return orNothing(() => readlinkSync('/proc/self/ns/pid')) ?? '';
}

/** In ticks since the machine was started; undefined where there is no such process, or no /proc. */
function startTimeOf(pid: number): string | undefined {
  const stat = orNothing(() => readFileSync(`/proc/${pid}/stat`, 'latin1'));
  return stat
    ?.slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .at(START_TIME_FIELD);
}

function canBeSignalled(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process is one all the same.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function orNothing<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
