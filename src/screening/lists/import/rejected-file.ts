import { closeSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import type { RowFault } from './parse-rows.ts';

const HEADER = 'line,code,message,value\n';
const SHOWN = 2;

/** The side file of an import: what could not be entered, line by line and with the reason; values are masked. */
export class RejectedFile {
  readonly path: string;
  #descriptor: number | undefined;
  #bytes: number;

  /** @param bytes how much of it an earlier run has written for sure; what follows is written again */
  constructor(path: string, bytes: number) {
    this.path = path;
    this.#bytes = bytes;
    if (bytes === 0) {
      rmSync(path, { force: true });
      return;
    }
    this.#descriptor = openSync(path, 'a', 0o600);
    ftruncateSync(this.#descriptor, bytes);
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(faults: readonly RowFault[]): void {
    if (faults.length === 0) return;
    const text = faults.map(lineOf).join('');
    this.#write(this.#bytes === 0 ? HEADER + text : text);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #write(text: string): void {
    this.#descriptor ??= openSync(this.path, 'a', 0o600);
    const bytes = Buffer.from(text);
    writeSync(this.#descriptor, bytes);
    this.#bytes += bytes.length;
  }
}

function lineOf({ line, code, message, value }: RowFault): string {
  return `${line},${code},"${message.replaceAll('"', '""')}",${maskValue(value)}\n`;
}

/** The first two characters and how many there were, at most 40: enough to find it, too little to know it. */
export function maskValue(value: string): string {
  const shown = value.slice(0, value.length > SHOWN * 3 ? SHOWN : 0).replace(/[^\w+]/g, '*');
  return shown + '*'.repeat(Math.min(Math.max(value.length - shown.length, 0), 40));
}
