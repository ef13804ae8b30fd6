import { z } from 'zod';
import { PROBE_NAMES, type ProbeFaultCode, type ProbeName } from '../applications/push/probes/probe.ts';
import type { GuideSection, TrialCheck } from './trial-check.ts';

/** The operator API, as far as probes need it. */
export interface ProbePort {
  post(path: string, body: unknown, reason: string): Promise<unknown>;
}

const reportSchema = z.object({
  passed: z.boolean(),
  answers: z.array(
    z.object({
      status: z.int().nullable(),
      took_ms: z.int(),
      result: z.string().nullable(),
    }),
  ),
  faults: z.array(
    z.object({ code: z.string(), minor: z.boolean(), pointer: z.string().nullable(), message: z.string() }),
  ),
});
type Report = z.output<typeof reportSchema>;

const TITLES: Readonly<Record<ProbeName, string>> = {
  unsigned: 'refuses a request without a signature',
  wrong_signature: 'refuses a signature that does not verify',
  other_body: 'refuses a body that was not signed',
  expired_signature: 'refuses a signature that has expired',
  unknown_key: 'refuses a key that is not ours',
  redelivery: 'knows a delivery that it had before',
  at_once: 'stands the same delivery twice at once',
  unknown_product: 'refuses a product that it does not have',
  unknown_field: 'ignores a field that it does not know',
  large_body: 'takes a body of 200 KiB',
};

const SIGNATURE_PROBES: ReadonlySet<ProbeName> = new Set([
  'unsigned',
  'wrong_signature',
  'other_body',
  'expired_signature',
  'unknown_key',
]);

const FIXES: Readonly<Record<ProbeFaultCode, string>> = {
  no_answer: 'Answer within the time that lender.yaml gives (core.timeout_ms), and do the work afterwards.',
  wrong_status:
    'Take work with 200 or 202; refuse for good with 4xx; keep 5xx, 408, 409, 425, 429 for what may pass later.',
  answer_invalid: 'Answer {result, lender_ref, …} as the guide has it; the pointer names the field.',
  not_a_duplicate: 'Remember delivery_id with the answer, in one transaction with the work, and answer duplicate.',
  lender_ref_missing:
    'Answer lender_ref, your reference: later messages and your own people name the application by it.',
  lender_ref_changed: 'Answer the reference of the first time: look it up by delivery_id or application_id.',
  slow: 'Answer first and do the work afterwards: an answer that is late is asked for again.',
};
/** What says more than the fix of the fault. */
const PROBE_FIXES: Readonly<Partial<Record<ProbeName, string>>> = {
  unknown_product: 'Answer 404 or 422 for a product that you do not have: 5xx and 2xx hide that the files disagree.',
  unknown_field: 'Ignore fields that you do not know: new ones come without notice.',
  large_body: 'Take bodies of up to 256 KiB: raise the limit of your proxy and your framework.',
};
const SIGNATURE_FIX =
  'Verify every request before anything else (RFC 9421, our keys at /.well-known/jwks.json), and answer 401.';

/** Probes a lender's core with everything there is. @param tick told after each */
export async function probeCore(
  port: ProbePort,
  lenderId: string,
  applicationId: string,
  tick: () => void,
): Promise<TrialCheck[]> {
  const checks: TrialCheck[] = [];
  const reports: Report[] = [];
  for (const probe of PROBE_NAMES) {
    const path = `/admin/v1/lenders/${encodeURIComponent(lenderId)}/probes`;
    const answer = await port.post(path, { probe, application_id: applicationId }, 'sluice lender try');
    const report = reportSchema.parse(answer);
    reports.push(report);
    checks.push(checkOf(probe, report));
    tick();
  }
  return [...checks, answersCheck(reports), timeCheck(reports)];
}

function checkOf(probe: ProbeName, { faults, answers }: Report): TrialCheck {
  const section: GuideSection = SIGNATURE_PROBES.has(probe) ? 'try-signatures' : 'try-answers';
  const row = { part: 'core', id: probe, title: TITLES[probe], section } as const;
  // How quick it is has a row of its own.
  const own = faults.filter(({ code }) => code !== 'slow');
  const [worst] = [...own].sort((one, other) => Number(one.minor) - Number(other.minor));
  if (worst === undefined) {
    const words = answers.map(({ status, result }) => [status, result].filter((word) => word !== null).join(' '));
    return { ...row, verdict: 'passed', found: [...new Set(words)].join(', '), fix: null };
  }
  const fix = worst.code === 'wrong_status' ? statusFix(probe) : (FIXES[worst.code as ProbeFaultCode] ?? null);
  return { ...row, verdict: worst.minor ? 'noted' : 'failed', found: wordsOf(own), fix };
}

function statusFix(probe: ProbeName): string {
  return SIGNATURE_PROBES.has(probe) ? SIGNATURE_FIX : (PROBE_FIXES[probe] ?? FIXES.wrong_status);
}

/** Whether answers read as documented, over all probes. */
function answersCheck(reports: readonly Report[]): TrialCheck {
  const faults = reports.flatMap((report) => report.faults).filter(({ code }) => code === 'answer_invalid');
  const row = {
    part: 'core',
    id: 'answer_schema',
    title: 'answers read as documented',
    section: 'try-answers',
  } as const;
  if (faults.length > 0) return { ...row, verdict: 'failed', found: wordsOf(faults), fix: FIXES.answer_invalid };
  const read = reports.flatMap(({ answers }) => answers).filter(({ result }) => result !== null).length;
  if (read > 0) return { ...row, verdict: 'passed', found: `${read} answers`, fix: null };
  return { ...row, verdict: 'skipped', found: 'no answer came that could be read', fix: null };
}

function timeCheck(reports: readonly Report[]): TrialCheck {
  const row = { part: 'core', id: 'time', title: 'answers in time', section: 'try-answers' } as const;
  const slow = reports.flatMap(({ faults }) => faults).filter(({ code }) => code === 'slow' || code === 'no_answer');
  if (slow.length === 0) {
    const most = Math.max(0, ...reports.flatMap(({ answers }) => answers.map(({ took_ms }) => took_ms)));
    return { ...row, verdict: 'passed', found: `${most} ms at most`, fix: null };
  }
  const isLate = slow.some(({ code }) => code === 'no_answer');
  return {
    ...row,
    verdict: isLate ? 'failed' : 'noted',
    found: wordsOf(slow),
    fix: isLate ? FIXES.no_answer : FIXES.slow,
  };
}

function wordsOf(faults: Report['faults']): string {
  const words = faults.map(({ pointer, message }) =>
    pointer === null ? message : `${pointer || 'the answer'}: ${message}`,
  );
  return [...new Set(words)].join('; ');
}
