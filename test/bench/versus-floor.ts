import type { BenchChild } from './bench-child.ts';
import { type Drive, drive } from './drive.ts';

/** One side of a comparison: who answers, and what it is asked. */
export interface Side {
  readonly child: BenchChild;
  /** Fresh requests, made just before they are sent. */
  prepare(count: number): Buffer[];
  /** Status of a good answer; any other ends the run. */
  readonly status: string;
  /** Resolves when nothing of the last round is still being worked on, which would slow the other side down. */
  settled?(): Promise<void>;
}

export interface Measured {
  readonly requestsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor time of the answering process for one request, µs. */
  readonly cpuUs: number;
  /** What it spends on one more after the last answer, until nothing is left to do. */
  readonly afterUs: number;
}

export interface Comparison {
  readonly floor: Measured;
  readonly ours: Measured;
  /** Ours to the floor's, medians of requests per second. */
  readonly ratio: number;
}

export interface CompareOptions {
  readonly rounds: number;
  readonly requests: number;
  readonly connections: number;
}

/** Drives both sides in turn, so that whatever else the machine does falls on both; the first round of each only warms up. */
export async function versusFloor(floor: Side, ours: Side, options: CompareOptions): Promise<Comparison> {
  const rounds: { readonly floor: Measured[]; readonly ours: Measured[] } = { floor: [], ours: [] };
  for (let round = 0; round <= options.rounds; round += 1) {
    // Who goes first alternates too: a side must not always follow the other's garbage.
    const order = round % 2 === 0 ? (['floor', 'ours'] as const) : (['ours', 'floor'] as const);
    for (const name of order) {
      const measured = await measure(name === 'floor' ? floor : ours, options);
      if (round > 0) rounds[name].push(measured);
    }
  }
  const [a, b] = [medians(rounds.floor), medians(rounds.ours)];
  return { floor: a, ours: b, ratio: b.requestsPerSecond / a.requestsPerSecond };
}

async function measure(side: Side, { requests, connections }: CompareOptions): Promise<Measured> {
  const prepared = side.prepare(requests);
  const before = side.child.cpuMs();
  const result = await drive(side.child.port, prepared, connections);
  const answeredMs = side.child.cpuMs();
  assertGood(result, side.status);
  await side.settled?.();
  const perRequestUs = (ms: number): number => (ms * 1_000) / requests;
  const { requestsPerSecond, p50Ms, p99Ms } = result;
  const cpuUs = perRequestUs(answeredMs - before);
  return { requestsPerSecond, p50Ms, p99Ms, cpuUs, afterUs: perRequestUs(side.child.cpuMs() - answeredMs) };
}

function assertGood({ statuses }: Drive, wanted: string): void {
  const others = Object.keys(statuses).filter((status) => status !== wanted);
  if (others.length > 0) throw new Error(`expected only ${wanted}, got ${JSON.stringify(statuses)}`);
}

function medians(list: readonly Measured[]): Measured {
  const of = (name: keyof Measured): number => median(list.map((one) => one[name]));
  return {
    requestsPerSecond: of('requestsPerSecond'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    cpuUs: of('cpuUs'),
    afterUs: of('afterUs'),
  };
}

/** The middle one; of an even number the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}
