import { acceptSignature } from '../accept-signature.ts';
import { fieldValue } from '../field-lines.ts';
import { type CheckedRequest, checkRawRequest, type RawRequest } from '../raw-request.ts';
import { verifyRequest } from '../verify-request.ts';
import {
  type BaseDifference,
  type Diagnosis,
  type DiagnosisSetting,
  type DiagnosisStep,
  diagnosisSteps,
  failed,
  held,
  unjudged,
} from './diagnosis.ts';
import { judgeDigest } from './judge-digest.ts';
import { judgeMetadata } from './judge-metadata.ts';
import { judgeSignature } from './judge-signature.ts';
import {
  olderScheme,
  readSignatureFields,
  readTolerantly,
  type SignatureReading,
  syntaxHint,
} from './read-question.ts';

/** The steps that look at a signature. */
const OF_A_SIGNATURE = diagnosisSteps.slice(diagnosisSteps.indexOf('tag'), diagnosisSteps.indexOf('digest'));

/**
 * Says what a verifier says, and why: every step that it takes, also those after the first that fails, so that all faults
 * are told at once. Pure; remembers nothing, spends no nonce and never throws. The verdict is that of `verifyRequest`
 * (or of `checkRawRequest`, where the request is ambiguous HTTP), taken from there and not worked out anew.
 */
export function diagnoseRequest(raw: RawRequest, setting: DiagnosisSetting): Diagnosis {
  const { names, policy, keys, nowSeconds, theirBase, nonce } = setting;
  const checked = checkRawRequest(raw, names);
  const verdict = checked.ok ? verifyRequest(checked, policy, keys, nowSeconds) : checked;
  const request = checked.ok ? checked : readTolerantly(raw, names);
  const wish = { hasQuery: request.query !== '', hasBody: request.body.length > 0, tag: policy.tag, nonce };
  const http = checked.ok
    ? held('request')
    : failed('request', 'request_malformed', {
        hint: `Send HTTP that every reader understands alike: ${checked.detail}.`,
      });
  const fields = judgeFields(request, policy.tag);
  const judged = fields.reading === undefined ? withoutSignature() : judgeReading(request, fields.reading, setting);
  return {
    verdict: verdict.ok ? 'ok' : verdict.code,
    steps: [http, fields.step, ...judged.steps, judgeDigest(request), nonceStep()],
    signatureBase: judged.signatureBase,
    firstDifference: firstDifference(judged.signatureBase, theirBase ?? judged.signedBase),
    acceptSignature: acceptSignature(wish),
  };
}

type Judged = {
  readonly steps: readonly DiagnosisStep[];
  readonly signatureBase: string | null;
  /** What was signed instead, where that was found out. */
  readonly signedBase: string | undefined;
};

function judgeReading(request: CheckedRequest, reading: SignatureReading, setting: DiagnosisSetting): Judged {
  const metadata = judgeMetadata(request, reading, setting);
  const signature = judgeSignature(request, reading, setting);
  return { ...signature, steps: [...metadata, ...signature.steps] };
}

function withoutSignature(): Judged {
  return {
    steps: OF_A_SIGNATURE.map((step) => unjudged(step, 'There is no signature that could be read.')),
    signatureBase: null,
    signedBase: undefined,
  };
}

function judgeFields(
  request: CheckedRequest,
  tag: string,
): { readonly step: DiagnosisStep; readonly reading: SignatureReading | undefined } {
  const expected = 'Signature-Input and Signature';
  const input = fieldValue(request.fields, 'signature-input');
  const value = fieldValue(request.fields, 'signature');
  if (input === undefined || value === undefined) {
    const found = input !== undefined ? 'Signature-Input only' : value !== undefined ? 'Signature only' : 'neither';
    const code = found === 'neither' ? 'signature_missing' : 'signature_malformed';
    const hint =
      olderScheme(request) ?? 'Sign the request and send both header fields; accept_signature says what to sign.';
    return { step: failed('fields', code, { expected, found, hint }), reading: undefined };
  }
  const fields = readSignatureFields(input, value, tag);
  if (fields.ok) return { step: held('fields', `label ${fields.reading.label}`), reading: fields.reading };
  const older = olderScheme(request);
  const isLabel = fields.detail.startsWith('the labels');
  const advice = isLabel
    ? 'Give the signature the same label in both.'
    : syntaxHint(fields.field, fields.field === 'Signature' ? value : input);
  const fault = { found: `${fields.field}: ${fields.detail}`, hint: older ?? advice };
  return { step: failed('fields', 'signature_malformed', fault), reading: undefined };
}

function nonceStep(): DiagnosisStep {
  return unjudged('nonce', 'Not checked here: a nonce is good once per key, so make a new one for every attempt.');
}

/** Null when there is nothing to compare, or no difference. */
function firstDifference(ours: string | null, theirs: string | undefined): BaseDifference | null {
  if (ours === null || theirs === undefined || ours === theirs) return null;
  const left = ours.split('\n');
  const right = theirs.split('\n');
  const index = Array.from({ length: Math.max(left.length, right.length) }).findIndex((_, i) => left[i] !== right[i]);
  return { line: index + 1, ours: left[index] ?? null, theirs: right[index] ?? null };
}
