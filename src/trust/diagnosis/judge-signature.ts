import { isKeyCurrent, type VerificationKey } from '../import-key.ts';
import type { CheckedRequest } from '../raw-request.ts';
import { componentValue, signatureBase } from '../signature-base.ts';
import { isSignatureValid } from '../signature-value.ts';
import { baseText } from './base-text.ts';
import { type DiagnosisSetting, type DiagnosisStep, failed, held, unjudged } from './diagnosis.ts';
import { type FoundMistake, findMistake } from './find-mistake.ts';
import { nearestKeyId } from './nearest-key-id.ts';
import type { SignatureReading } from './read-question.ts';
import { signatureLength } from './signature-ways.ts';

export type SignatureJudgement = {
  readonly steps: readonly DiagnosisStep[];
  readonly signatureBase: string | null;
  /** What was signed instead of our base, where one of the usual mistakes explains the signature. */
  readonly signedBase: string | undefined;
};

/** The steps `key` to `signature`. */
export function judgeSignature(
  request: CheckedRequest,
  reading: SignatureReading,
  setting: DiagnosisSetting,
): SignatureJudgement {
  const built = signatureBase(request, reading.components, reading.parametersText);
  const base = built.ok && reading.componentFault === undefined ? built.base : null;
  const { keyid } = reading.parameters;
  const known = keyid === undefined ? undefined : setting.keys.find(keyid)?.key;
  const key = known !== undefined && isKeyCurrent(known, setting.nowSeconds) ? known : undefined;
  const mistake = base === null || key === undefined ? undefined : explain(request, reading, setting, key, base);
  return {
    steps: [
      judgeKey(reading, setting, known, base),
      judgeAlg(reading, key),
      judgeBase(reading, built),
      judgeAuthority(request, setting),
      judgeValue(reading, key, base, mistake),
    ],
    signatureBase: base,
    signedBase: mistake?.base,
  };
}

const UNKNOWN =
  'No key of this id may sign here: check its spelling and that it stands in your file; partner keys sign /v1, lender keys /lender/v1.';

function judgeKey(
  { parameters: { keyid }, signature }: SignatureReading,
  { keys, nowSeconds }: DiagnosisSetting,
  known: VerificationKey | undefined,
  base: string | null,
): DiagnosisStep {
  if (keyid === undefined) return unjudged('key', 'Needs keyid.');
  const found = `keyid="${keyid}"`;
  if (known !== undefined && isKeyCurrent(known, nowSeconds)) return held('key', `${found}, ${known.alg}`);
  const expected = 'the id of a key that is valid now';
  if (known !== undefined && base !== null && signature !== undefined && isSignatureValid(known, base, signature)) {
    // Only whoever holds the key is told that it exists.
    const isEarly = known.notBeforeSeconds !== undefined && nowSeconds < known.notBeforeSeconds;
    const at = new Date((isEarly ? known.notBeforeSeconds : (known.notAfterSeconds ?? 0)) * 1_000).toISOString();
    const hint = isEarly
      ? `Sign with another key until ${at}, when this one begins.`
      : `Sign with a newer key: this one ended ${at}.`;
    return failed('key', 'key_unknown', {
      expected,
      found,
      hint,
      mistake: isEarly ? 'key_not_yet_valid' : 'key_ended',
    });
  }
  const near = nearestKeyId(keyid, keys, nowSeconds);
  if (near === undefined) return failed('key', 'key_unknown', { expected, found, hint: UNKNOWN });
  const hint = `There is no key "${keyid}"; did you mean "${near}"?`;
  return failed('key', 'key_unknown', { expected, found, hint, mistake: 'key_id_misspelt' });
}

function judgeAlg({ parameters: { alg } }: SignatureReading, key: VerificationKey | undefined): DiagnosisStep {
  if (key === undefined) return unjudged('alg', 'Needs a known key: the algorithm belongs to the key.');
  if (alg === undefined || alg === key.alg) return held('alg', key.alg);
  const hint = `Sign with ${key.alg}, for which the key is registered; the parameter alg may be left out.`;
  return failed('alg', 'signature_invalid', { expected: key.alg, found: alg, hint });
}

function judgeBase({ componentFault }: SignatureReading, built: ReturnType<typeof signatureBase>): DiagnosisStep {
  if (componentFault !== undefined) return unjudged('base', 'Needs components that can all be read.');
  if (built.ok) return held('base', `${built.base.split('\n').length} lines`);
  const code = built.fault === 'absent' ? 'signature_invalid' : 'signature_malformed';
  const hint = `Send what you cover, and cover only what you send: ${built.detail}.`;
  return failed('base', code, { found: built.detail, hint });
}

function judgeAuthority({ addressedToUs, authority }: CheckedRequest, { names }: DiagnosisSetting): DiagnosisStep {
  if (addressedToUs) return held('authority', authority);
  const expected = names.all.map((name) => name.authority).join(' or ');
  const hint = `Send the request to ${expected} and sign that name: Host is no public name of this gateway.`;
  return failed('authority', 'signature_invalid', { expected, found: authority, hint });
}

function explain(
  request: CheckedRequest,
  { components, parametersText, signature }: SignatureReading,
  { names, theirBase }: DiagnosisSetting,
  key: VerificationKey,
  base: string,
): FoundMistake | undefined {
  if (signature === undefined || isSignatureValid(key, base, signature)) return undefined;
  const lines = components.map((component) => {
    const value = componentValue(request, component);
    return { name: component.name, identifier: component.identifier, value: typeof value === 'string' ? value : '' };
  });
  const otherNames = names.all.map((name) => name.authority);
  return findMistake({ request, base: baseText(lines, parametersText), key, signature, theirBase, otherNames });
}

function judgeValue(
  { signature }: SignatureReading,
  key: VerificationKey | undefined,
  base: string | null,
  mistake: FoundMistake | undefined,
): DiagnosisStep {
  if (key === undefined) return unjudged('signature', 'Needs a known key.');
  if (base === null) return unjudged('signature', 'Needs a signature base.');
  if (signature === undefined) return unjudged('signature', 'Needs a signature between colons: sig=:base64:');
  if (isSignatureValid(key, base, signature)) return held('signature');
  const expected = `${signatureLength(key)} bytes of ${key.alg} over signature_base`;
  const found = `${signature.length} bytes`;
  if (mistake !== undefined) return failed('signature', 'signature_invalid', { expected, found, ...named(mistake) });
  const hint =
    signature.length === signatureLength(key)
      ? 'None of the usual mistakes explains it: check that the private key belongs to this keyid, then compare the base that you sign with signature_base line by line, or give yours along to have them compared.'
      : `Sign with the ${key.alg} key of this keyid: the length is that of another algorithm.`;
  return failed('signature', 'signature_invalid', { expected, found, hint });
}

function named({ mistake, hint }: FoundMistake): { mistake: string; hint: string } {
  return { mistake, hint };
}
