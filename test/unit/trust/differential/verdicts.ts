import { isSignatureError, verifySignature } from 'http-message-sig';
import { parseDictionary } from 'structured-headers';
import { toPublicNames } from '../../../../src/trust/public-names.ts';
import { checkRawRequest } from '../../../../src/trust/raw-request.ts';
import { nativePolicy } from '../../../../src/trust/signature-policy.ts';
import { isSignatureValid } from '../../../../src/trust/signature-value.ts';
import { verifyRequest } from '../../../../src/trust/verify-request.ts';
import { descriptorOf, PUBLIC_NAMES, verificationKey, type Wire } from './wire.ts';

/** What a verifier says: which signature it accepts, or why none. */
export type Verdict =
  | {
      readonly accepted: true;
      readonly label: string;
      readonly keyId: unknown;
      readonly nonce: unknown;
      readonly created: unknown;
    }
  | { readonly accepted: false; readonly code: string; readonly detail: string };

const names = toPublicNames(PUBLIC_NAMES);

export function ourVerdict(wire: Wire, now: number): Verdict {
  const { method, target, headers, body } = wire;
  const checked = checkRawRequest({ method, target, headers, body: Buffer.from(body) }, names);
  if (!checked.ok) return { accepted: false, code: checked.code, detail: checked.detail };
  const find = (id: string) => {
    const key = verificationKey(id);
    return key === undefined ? undefined : { key, party: id };
  };
  const verdict = verifyRequest(checked, nativePolicy, { find }, now);
  if (!verdict.ok) return { accepted: false, code: verdict.code, detail: verdict.detail };
  const { label, keyId, nonce, created } = verdict;
  return { accepted: true, label, keyId, nonce, created };
}

/** The value of a field, lines joined. */
export function fieldText(wire: Wire, name: string): string | undefined {
  const values = wire.headers
    .filter((line) => line[0].toLowerCase() === name)
    .map(([, value]) => value.replace(/^[ \t]+|[ \t]+$/g, ''));
  return values.length === 0 ? undefined : values.join(', ');
}

/** Labels whose signature has our tag; the library has to be told which of several it is to verify. */
export function labelsWithTag(wire: Wire, tag: string): string[] {
  try {
    return [...parseDictionary(fieldText(wire, 'signature-input') ?? '')].flatMap(([label, [, parameters]]) =>
      parameters.get('tag') === tag ? [label] : [],
    );
  } catch {
    return [];
  }
}

/** The library under the strictest rules that it has, those of the policy. */
export async function libraryVerdict(wire: Wire, now: number): Promise<Verdict> {
  const tagged = labelsWithTag(wire, nativePolicy.tag);
  const [label] = tagged;
  if (label === undefined || tagged.length > 1) {
    return { accepted: false, code: 'NoLabel', detail: `${tagged.length} signatures have the tag` };
  }
  if (fieldText(wire, 'host')?.trim() === undefined || fieldText(wire, 'host')?.trim() === '') {
    return { accepted: false, code: 'NoTargetUri', detail: 'without Host there is no target URI' };
  }
  const required = ['@method', ...(wire.body === '' ? [] : ['content-type', 'content-digest'])];
  const query = wire.target.includes('?') ? ['@query'] : [];
  const first = await libraryVerdictOf(wire, now, label, [...required, '@authority', '@path', ...query]);
  const isUncovered = !first.accepted && first.detail.startsWith('Required component');
  return !isUncovered ? first : libraryVerdictOf(wire, now, label, [...required, '@target-uri']);
}

async function libraryVerdictOf(
  wire: Wire,
  now: number,
  label: string,
  requiredComponents: string[],
): Promise<Verdict> {
  const algorithms = ['hmac-sha256', 'ed25519', 'ecdsa-p256-sha256'];
  const requiredParameters = ['created', 'expires', 'nonce', 'keyid', 'tag'];
  try {
    const { parameters } = await verifySignature(descriptorOf(wire), {
      label,
      policy: { algorithms, requiredComponents, requiredParameters, clockSkew: nativePolicy.clockSkewSeconds, now },
      resolveVerifier: (candidate) => {
        const key = verificationKey(candidate.parameters.keyid ?? '');
        if (key === undefined) throw new Error('unknown key');
        return {
          algorithm: key.alg,
          verify: (data, value) => isSignatureValid(key, Buffer.from(data).toString('latin1'), value),
        };
      },
    });
    return { accepted: true, label, keyId: parameters.keyid, nonce: parameters.nonce, created: parameters.created };
  } catch (error) {
    if (!isSignatureError(error)) throw error;
    return { accepted: false, code: error.code, detail: error.message };
  }
}
