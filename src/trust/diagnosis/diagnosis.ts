import type { PublicNames } from '../public-names.ts';
import type { SignaturePolicy } from '../signature-policy.ts';
import type { KeyDirectory, SignatureFaultCode } from '../verify-request.ts';

/** What a verifier looks at, in the order in which it does; `nonce` is named for completeness and never judged here. */
export const diagnosisSteps = [
  'request',
  'fields',
  'tag',
  'components',
  'parameters',
  'coverage',
  'lifetime',
  'clock',
  'key',
  'alg',
  'base',
  'authority',
  'signature',
  'digest',
  'nonce',
] as const;

export type DiagnosisStepName = (typeof diagnosisSteps)[number];

export type DiagnosisCode = SignatureFaultCode | 'request_malformed';

/** One thing that a verifier looks at. */
export type DiagnosisStep = {
  readonly step: DiagnosisStepName;
  /** null: cannot be judged, since something before it is missing. */
  readonly ok: boolean | null;
  /** What a request with this fault alone would be refused with. */
  readonly code: DiagnosisCode | null;
  readonly expected: string | null;
  readonly found: string | null;
  /** Stable name of the mistake, where it is one of the known ones. */
  readonly mistake: string | null;
  /** One sentence that says what to change. */
  readonly hint: string | null;
};

/** The first line in which two signature bases differ; null = that base has no such line. */
export type BaseDifference = { readonly line: number; readonly ours: string | null; readonly theirs: string | null };

export type Diagnosis = {
  /** What the gateway would answer: `ok`, or the code of its refusal. */
  readonly verdict: 'ok' | DiagnosisCode;
  /** Each of {@link diagnosisSteps}, in that order. The first that is not ok is the one that the verdict names. */
  readonly steps: readonly DiagnosisStep[];
  /** As we compute it; null where the request does not give one. */
  readonly signatureBase: string | null;
  readonly firstDifference: BaseDifference | null;
  /** Value of `Accept-Signature` for this request. */
  readonly acceptSignature: string;
};

/** What a request is judged by. */
export type DiagnosisSetting = {
  readonly names: PublicNames;
  readonly policy: SignaturePolicy;
  readonly keys: KeyDirectory<unknown>;
  /** Epoch seconds. */
  readonly nowSeconds: number;
  /** The base that the signer says was signed. */
  readonly theirBase?: string;
  /** For `acceptSignature`; see `SignatureWish`. */
  readonly nonce?: string;
};

type Fault = { expected?: string; found?: string; hint: string; mistake?: string };

/** A step that holds. */
export function held(step: DiagnosisStepName, found?: string): DiagnosisStep {
  return { step, ok: true, code: null, expected: null, found: found ?? null, mistake: null, hint: null };
}

/** A step that does not. */
export function failed(step: DiagnosisStepName, code: DiagnosisCode, fault: Fault): DiagnosisStep {
  const { expected = null, found = null, mistake = null, hint } = fault;
  return { step, ok: false, code, expected, found, mistake, hint };
}

/** A step that cannot be judged. */
export function unjudged(step: DiagnosisStepName, hint: string, expected?: string): DiagnosisStep {
  return { step, ok: null, code: null, expected: expected ?? null, found: null, mistake: null, hint };
}
