import { constants, createHmac, sign } from 'node:crypto';
import { contentDigest } from '../../../../src/trust/content-digest.ts';
import { diagnoseRequest } from '../../../../src/trust/diagnosis/diagnose-request.ts';
import type { Diagnosis, DiagnosisSetting } from '../../../../src/trust/diagnosis/diagnosis.ts';
import type { SigningKey } from '../../../../src/trust/import-key.ts';
import { toPublicNames } from '../../../../src/trust/public-names.ts';
import type { RawRequest } from '../../../../src/trust/raw-request.ts';
import { nativePolicy } from '../../../../src/trust/signature-policy.ts';
import { makeSignature } from '../../../../src/trust/signature-value.ts';
import type { KeyDirectory } from '../../../../src/trust/verify-request.ts';
import { rfcKeyIds, rfcSigningKey, rfcVerificationKey } from '../rfc-vectors.ts';

export const NOW = 1_800_000_000;
export const names = toPublicNames(['https://api.example.com', 'https://api2.example.com']);
export const BODY = '{"b":"张/三","a":[1,{"c":"d"}]}';

const directory = new Map(rfcKeyIds.map((id) => [id, { key: rfcVerificationKey(id), party: id }]));
export const keys: KeyDirectory<string> = { find: (id) => directory.get(id) };

/** What somebody's own signer does differently from a right one. */
export interface Slip {
  readonly key?: SigningKey;
  readonly method?: string;
  readonly target?: string;
  readonly host?: string;
  /** What is sent; null = no body. */
  readonly body?: string | null;
  readonly digest?: string;
  readonly type?: string;
  readonly covered?: readonly string[];
  /** Everything after the list of components. */
  readonly parameters?: string;
  /** What is signed instead of the right base. */
  readonly base?: (right: string) => string;
  readonly sign?: (base: string, key: SigningKey) => Buffer;
  /** What is sent instead of the right fields. */
  readonly fields?: (input: string, signature: string) => Record<string, string>;
}

export const PARAMETERS = `;created=${NOW};expires=${NOW + 300};nonce="n-1";keyid="KEY";tag="sluice"`;

/** A request as such a signer sends it: built by hand, so that no fault of the code under test can hide itself. */
export function sent(slip: Slip = {}): RawRequest {
  const {
    key = rfcSigningKey('test-shared-secret'),
    host = 'api.example.com',
    target = '/v1/prechecks?b=2&a=%20x',
  } = slip;
  const body = slip.body === undefined ? BODY : (slip.body ?? '');
  const method = slip.method ?? 'POST';
  const type = slip.type ?? 'application/json';
  const digest = slip.digest ?? contentDigest(Buffer.from(body));
  const [path = '', query] = target.split('?');
  const values: Record<string, string> = {
    '@method': method,
    '@authority': 'api.example.com',
    '@path': path,
    '@query': query === undefined ? '?' : `?${query}`,
    '@target-uri': `https://api.example.com${target}`,
    'content-type': type,
    'content-digest': digest,
  };
  const bodyless = body === '' && slip.digest === undefined;
  const usual = Object.keys(values).filter(
    (name) => name !== '@target-uri' && !(bodyless && name.startsWith('content')),
  );
  const covered = slip.covered ?? usual;
  const text = (slip.parameters ?? PARAMETERS).replace('KEY', key.id);
  const input = `(${covered.map((name) => `"${name}"`).join(' ')})${text}`;
  const lines = covered.map((name) => `"${name}": ${values[name.toLowerCase()] ?? ''}`);
  const right = [...lines, `"@signature-params": ${input}`].join('\n');
  const base = slip.base?.(right) ?? right;
  const signature = (slip.sign?.(base, key) ?? makeSignature(key, base)).toString('base64');
  const fields = slip.fields?.(`sig=${input}`, signature) ?? {
    'Signature-Input': `sig=${input}`,
    Signature: `sig=:${signature}:`,
  };
  const content = bodyless ? {} : { 'Content-Type': type, 'Content-Digest': digest };
  return { method, target, headers: Object.entries({ Host: host, ...content, ...fields }), body: Buffer.from(body) };
}

/** What the diagnosis says of a request. */
export function diagnose(raw: RawRequest, setting: Partial<DiagnosisSetting> = {}): Diagnosis {
  return diagnoseRequest(raw, { names, policy: nativePolicy, keys, nowSeconds: NOW, ...setting });
}

/** The first step that does not hold. */
export function firstFault({ steps }: Diagnosis) {
  return steps.find(({ ok }) => ok === false);
}

export const ed25519 = rfcSigningKey('test-key-ed25519');
export const p256 = rfcSigningKey('test-key-ecc-p256');
export const pss = rfcSigningKey('test-key-rsa-pss');
export const rsa = rfcSigningKey('test-key-rsa');
export const hmac = rfcSigningKey('test-shared-secret');

/** HMAC with another key than the right one. */
export function hmacWith(secret: string | Buffer, hash: string = 'sha256'): Slip['sign'] {
  return (base) => createHmac(hash, secret).update(base, 'latin1').digest();
}

export function asDer(base: string, { keyObject }: SigningKey): Buffer {
  return sign('sha256', Buffer.from(base, 'latin1'), { key: keyObject, dsaEncoding: 'der' });
}

export function withSalt(saltLength: number): Slip['sign'] {
  const padding = constants.RSA_PKCS1_PSS_PADDING;
  return (base, { keyObject }) => sign('sha512', Buffer.from(base, 'latin1'), { key: keyObject, padding, saltLength });
}
