import { setTimeout as delay } from 'node:timers/promises';

/** One arrival that was answered with a redirect. */
export interface AnsweredClick {
  /** `sub1` of the arrival: no other has it. */
  readonly serial: string;
  readonly code: string;
  readonly clickId: string;
  readonly location: URL;
  /** When it was sent, monotonic ms. */
  readonly sentAt: number;
  readonly ms: number;
}

export interface Visitors {
  readonly answered: readonly AnsweredClick[];
  /** Arrivals that got no answer at all: nobody was there, or it died over them. */
  readonly unanswered: ReadonlySet<string>;
  /** Answers that no visitor may get. */
  readonly unexpected: readonly string[];
  stop(): Promise<void>;
}

const LOOPS = 6;
const PAUSE_MS = 4;
/** Nobody waits for so long. */
const PATIENCE_MS = 5_000;
const BROWSER = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36';
const BOT = 'Googlebot/2.1 (+http://www.google.com/bot.html)';
/** Visitors who come again and again, every tenth arrival. */
const REGULARS = 20;

/** People, robots and prefetchers who follow links until they are told to stop, whoever is there to answer them. */
export function startVisitors(url: string, codes: readonly string[]): Visitors {
  const answered: AnsweredClick[] = [];
  const unanswered = new Set<string>();
  const unexpected: string[] = [];
  let arrivals = 0;
  let isStopped = false;

  async function arrive(): Promise<void> {
    arrivals += 1;
    const number = arrivals;
    const serial = `s${number}`;
    const code = codes[number % codes.length] ?? '';
    const sentAt = performance.now();
    let answer: Response;
    try {
      answer = await fetch(`${url}/r/${code}?sub1=${serial}`, {
        redirect: 'manual',
        method: number % 50 === 7 ? 'HEAD' : 'GET',
        headers: { 'user-agent': agentOf(number), ...(number % 50 === 9 ? { 'sec-purpose': 'prefetch' } : {}) },
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError')
        unexpected.push(`${serial} waited ${PATIENCE_MS} ms`);
      unanswered.add(serial);
      await delay(20);
      return;
    }
    const ms = performance.now() - sentAt;
    const location = new URL(answer.headers.get('location') ?? 'none:');
    const clickId = location.searchParams.get('click');
    if (answer.status === 302 && clickId) answered.push({ serial, code, clickId, location, sentAt, ms });
    // While it starts it says so.
    else if (answer.status === 503) unanswered.add(serial);
    else unexpected.push(`${serial} was answered ${answer.status}`);
  }

  const loops = Array.from({ length: LOOPS }, async () => {
    while (!isStopped) {
      await arrive();
      await delay(PAUSE_MS);
    }
  });
  return {
    answered,
    unanswered,
    unexpected,
    async stop() {
      isStopped = true;
      await Promise.all(loops);
    },
  };
}

function agentOf(number: number): string {
  if (number % 50 === 5) return BOT;
  return number % 10 === 0 ? `${BROWSER} regular ${number % (10 * REGULARS)}` : `${BROWSER} ${number}`;
}

/** The value that a share of all do not exceed; 0 of none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
