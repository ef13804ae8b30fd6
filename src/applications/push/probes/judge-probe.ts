import { type PushAnswer, pushAnswerSchema } from '../judge-response.ts';
import type { ProbeExchange, ProbeExpectation, ProbeFault, ProbeFaultCode } from './probe.ts';

export interface ProbeFacts {
  /** Under which the core took the application before; null = it named none. */
  readonly knownRef: string | null;
  /** How long the core may take, ms. */
  readonly timeoutMs: number;
}

/** 408, 409, 425, 429: we would send the same again and again. */
const REPEATED: ReadonlySet<number> = new Set([408, 409, 425, 429]);
/** An answer that takes more than this share of its time will be late on a bad day. */
const SLOW_SHARE = 0.5;
const FAULTS_MAX = 20;

/** What is wrong with what a core answered to a probe; empty = nothing. */
export function judgeProbe(
  expects: ProbeExpectation,
  exchanges: readonly ProbeExchange[],
  facts: ProbeFacts,
): ProbeFault[] {
  const faults = exchanges.flatMap((exchange) => [
    ...judgeExchange(expects, exchange, facts),
    ...judgeTime(exchange, facts),
  ]);
  const said = new Set<string>();
  const distinct = faults.filter(({ code, pointer, message }) => {
    const key = `${code} ${pointer} ${message}`;
    return !said.has(key) && said.add(key);
  });
  return distinct.slice(0, FAULTS_MAX);
}

function judgeExchange(expects: ProbeExpectation, exchange: ProbeExchange, facts: ProbeFacts): ProbeFault[] {
  const { status, error } = exchange;
  if (status === null) return [fault('no_answer', `did not answer: ${error ?? 'network'}`)];
  switch (expects) {
    case 'unauthorised':
      return judgeUnauthorised(status);
    case 'refused':
      return judgeRefused(status, exchange.body);
    case 'answered':
      return judgeAnswered(exchange, status).faults;
    case 'duplicate': {
      const { answer, faults } = judgeAnswered(exchange, status);
      return [...faults, ...(answer === undefined ? [] : judgeDuplicate(answer, facts))];
    }
  }
}

function judgeUnauthorised(status: number): ProbeFault[] {
  if (status === 401) return [];
  if (status === 400 || status === 403) {
    return [{ ...fault('wrong_status', `answered ${status}: refused, and 401 would say why`), minor: true }];
  }
  const what = status >= 200 && status < 300 ? 'took it' : 'did not refuse it as unauthorised';
  return [fault('wrong_status', `answered ${status} where 401 is right: it ${what}`)];
}

function judgeRefused(status: number, body: string): ProbeFault[] {
  if (status >= 400 && status < 500 && !REPEATED.has(status)) return [];
  if (status === 200 || status === 202) {
    const answer = pushAnswerSchema.safeParse(parse(body));
    const result = answer.success ? answer.data.result : 'an unreadable answer';
    return [fault('wrong_status', `answered ${status} with ${result} where 4xx is right`)];
  }
  const again = status >= 500 || REPEATED.has(status) ? ': it would be sent again and again' : '';
  return [fault('wrong_status', `answered ${status} where another 4xx is right${again}`)];
}

function judgeAnswered({ body }: ProbeExchange, status: number): { answer?: PushAnswer; faults: ProbeFault[] } {
  if (status !== 200 && status !== 202) {
    return { faults: [fault('wrong_status', `answered ${status} where 200 or 202 is right`)] };
  }
  const json = parse(body);
  if (json === undefined) return { faults: [fault('answer_invalid', 'the answer is no JSON', '')] };
  const parsed = pushAnswerSchema.safeParse(json);
  if (parsed.success) return { answer: parsed.data, faults: [] };
  // One fault a place, however many reasons there are for it.
  const byPlace = new Map(
    parsed.error.issues.map((issue) => [issue.path.map((part) => `/${String(part)}`).join(''), issue]),
  );
  const faults = [...byPlace].map(([pointer, { message }]) => fault('answer_invalid', message, pointer));
  return { faults };
}

function judgeDuplicate({ result, lender_ref }: PushAnswer, { knownRef }: ProbeFacts): ProbeFault[] {
  if (result !== 'duplicate') {
    return [fault('not_a_duplicate', `answered ${result} to a delivery that it had before`, '/result')];
  }
  if (lender_ref === undefined || lender_ref === null) {
    return [fault('lender_ref_missing', 'names no reference of its own for the application', '/lender_ref')];
  }
  if (knownRef !== null && lender_ref !== knownRef) {
    return [fault('lender_ref_changed', 'names another reference than the first time', '/lender_ref')];
  }
  return [];
}

function judgeTime({ status, tookMs }: ProbeExchange, { timeoutMs }: ProbeFacts): ProbeFault[] {
  if (status === null || tookMs <= timeoutMs * SLOW_SHARE) return [];
  const message = `took ${Math.round(tookMs)} ms of the ${timeoutMs} ms that it has`;
  return [{ ...fault('slow', message), minor: true }];
}

function fault(code: ProbeFaultCode, message: string, pointer: string | null = null): ProbeFault {
  return { code, minor: false, pointer, message };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
