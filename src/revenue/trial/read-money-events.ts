import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { z } from 'zod';
import type { MoneyEvent } from '../money-event.ts';
import { type MoneyEventLine, moneyEventLineSchema, moneyEventOfLine } from './money-event-line.ts';

/** A line of a file of money events that is none. */
export interface LineFault {
  /** 1-based. */
  readonly line: number;
  readonly problem: string;
}

/**
 * The events of a file, line by line. A line that is none is told and left out.
 * @param progress told how many bytes were read
 */
export async function* readMoneyEvents(
  file: string,
  { failed, progress }: { readonly failed: (fault: LineFault) => void; readonly progress: (bytes: number) => void },
): AsyncGenerator<MoneyEvent> {
  const bytes = createReadStream(file);
  let line = 0;
  let lastRecorded = '';
  for await (const text of createInterface({ input: bytes, crlfDelay: Number.POSITIVE_INFINITY })) {
    line += 1;
    progress(bytes.bytesRead);
    if (text.trim() === '') continue;
    const read = readLine(text);
    if ('problem' in read) {
      failed({ line, problem: read.problem });
      continue;
    }
    const event = moneyEventOfLine(read.value);
    const recorded = new Date(event.recordedAtMs).toISOString();
    if (recorded < lastRecorded) failed({ line, problem: 'recorded_at is before that of the line above: sort by it' });
    lastRecorded = recorded;
    yield event;
  }
}

function readLine(text: string): { value: MoneyEventLine } | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return { problem: 'is no JSON' };
  }
  const parsed = moneyEventLineSchema.safeParse(value);
  return parsed.success ? { value: parsed.data } : { problem: problemOf(parsed.error.issues) };
}

function problemOf(issues: readonly z.core.$ZodIssue[]): string {
  return issues.map(({ path, message }) => `/${path.map(String).join('/')} ${message}`).join('; ');
}
