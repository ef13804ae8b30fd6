import { toPublicNames } from '../../../src/trust/public-names.ts';
import { checkRawRequest, type RawRequest } from '../../../src/trust/raw-request.ts';
import { type RequestToSign, signRequest } from '../../../src/trust/sign-message.ts';
import { nativePolicy } from '../../../src/trust/signature-policy.ts';
import { type KeyDirectory, verifyRequest } from '../../../src/trust/verify-request.ts';
import { rfcKeyIds, rfcSigningKey, rfcVerificationKey } from './rfc-vectors.ts';

export const NOW = 1_800_000_000;
export const names = toPublicNames(['https://api.example.com']);
const directory = new Map(rfcKeyIds.map((id) => [id, { key: rfcVerificationKey(id), party: `party of ${id}` }]));
const keys: KeyDirectory<string> = { find: (id) => directory.get(id) };
export const hmac = rfcSigningKey('test-shared-secret');

export type Draft = Partial<RequestToSign> & {
  send?: Partial<RawRequest>;
  drop?: string;
  replace?: [name: string, value: string];
};

/** A request signed as `draft` says, then changed on the wire as its last three members say. */
export function send(draft: Draft = {}): RawRequest {
  const { send: changes, drop, replace, ...rest } = draft;
  const request: RequestToSign = {
    method: 'POST',
    url: 'https://api.example.com/v1/prechecks?dry=1',
    headers: { 'Content-Type': 'application/json' },
    body: '{"a":1}',
    key: hmac,
    createdSeconds: NOW,
    ...rest,
  };
  const url = new URL(request.url);
  const all = { Host: url.host, ...request.headers, ...signRequest(request) };
  const headers = Object.entries(all)
    .filter(([name]) => name !== drop)
    .map(([name, value]): [string, string] => [name, name === replace?.[0] ? replace[1] : value]);
  const body = Buffer.from(request.body ?? '');
  return { method: request.method, target: url.pathname + url.search, headers, body, ...changes };
}

export function verify(raw: RawRequest, now: number = NOW, directoryOfKeys: KeyDirectory<string> = keys) {
  const checked = checkRawRequest(raw, names);
  return checked.ok ? verifyRequest(checked, nativePolicy, directoryOfKeys, now) : checked;
}

export function codeOf(raw: RawRequest, now?: number): string {
  const verdict = verify(raw, now);
  return verdict.ok ? 'accepted' : verdict.code;
}

export function withSignatureInput(change: (value: string) => string): RawRequest {
  const raw = send();
  return {
    ...raw,
    headers: raw.headers.map(([name, value]) => [name, name === 'Signature-Input' ? change(value) : value]),
  };
}
