import { createHmac } from 'node:crypto';
import {
  createSignatureSync,
  Token as LibraryToken,
  type RequestDescriptor,
  type Rfc8941BareItem,
  type SignatureComponent,
} from 'http-message-sig';
import { isInnerList, parseDictionary, parseItem, Token } from 'structured-headers';
import { contentDigest } from '../../../../src/trust/content-digest.ts';
import { toFieldLines } from '../../../../src/trust/field-lines.ts';
import { signMessage } from '../../../../src/trust/sign-message.ts';
import type { RequestMessage } from '../../../../src/trust/signature-base.ts';
import { makeSignature } from '../../../../src/trust/signature-value.ts';
import { rfcSigningKey, rfcVerificationKey } from '../rfc-vectors.ts';
import type { Draft } from './arbitrary-message.ts';

/** A request as it is received. */
export interface Wire {
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
}

/** Two public names; the one with a port is plain http. */
export const PUBLIC_NAMES = ['https://api.example.com', 'http://127.0.0.1:8787'];

/** Scheme and authority as a signer knows them: lower case, without the default port. */
export function originOf(host: string): { scheme: string; authority: string } {
  const scheme = host.startsWith('127.') ? 'http' : 'https';
  return { scheme, authority: new URL(`${scheme}://${host}`).host };
}

/** The request of a draft before it is signed. */
export function unsigned(draft: Draft): Wire {
  const ofBody: [string, string][] = [
    ['Content-Type', 'application/json'],
    ['Content-Digest', contentDigest(Buffer.from(draft.body))],
    ['Content-Length', String(Buffer.byteLength(draft.body))],
  ];
  const headers = [['Host', draft.host] as const, ...draft.headers, ...(draft.body === '' ? [] : ofBody)];
  return { method: draft.method, target: draft.target, headers, body: draft.body };
}

/** What the other library takes. */
export function descriptorOf(wire: Wire): RequestDescriptor {
  const host = wire.headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? '';
  const { scheme, authority } = originOf(host.trim());
  return {
    kind: 'request',
    method: wire.method,
    targetUri: `${scheme}://${authority}${wire.target}`,
    requestTarget: wire.target,
    fields: wire.headers.map(([name, value]) => ({ name, value })),
  };
}

/** What our signer takes. */
export function messageOf(wire: Wire): RequestMessage {
  const host = wire.headers.find(([name]) => name.toLowerCase() === 'host')?.[1] ?? '';
  const mark = wire.target.indexOf('?');
  return {
    kind: 'request',
    method: wire.method,
    ...originOf(host.trim()),
    target: wire.target,
    path: mark === -1 ? wire.target : wire.target.slice(0, mark),
    query: mark === -1 ? '' : wire.target.slice(mark),
    fields: toFieldLines(wire.headers),
  };
}

export interface SignatureTexts {
  readonly label: string;
  /** Value of `@signature-params`. */
  readonly parameters: string;
  /** Base64. */
  readonly signature: string;
  /** What was signed, where the signer tells. */
  readonly base?: string;
}

/** @throws RangeError when we do not sign such a message */
export function signedByUs(draft: Draft, wire: Wire, now: number): SignatureTexts {
  const created = now + draft.createdIn;
  const { tag, nonce, covered } = draft;
  const content = { covered, created, expires: created + draft.lifetime, nonce: nonce, tag };
  const signed = signMessage(messageOf(wire), rfcSigningKey(signingKeyId(draft)), content);
  const parameters = signed['Signature-Input'].slice('sig='.length);
  return { label: 'sig', parameters, signature: signed.Signature.slice('sig=:'.length, -1) };
}

/** @throws SignatureError when the library does not sign such a message */
export function signedByLibrary(draft: Draft, wire: Wire, now: number): SignatureTexts {
  const key = rfcSigningKey(signingKeyId(draft));
  const created = now + draft.createdIn;
  const { label, tag, nonce, keyId } = draft;
  let base = '';
  const signed = createSignatureSync(descriptorOf(wire), {
    label,
    components: draft.covered.map(toComponent),
    parameters: {
      ...{ created, expires: created + draft.lifetime, nonce: nonce, keyid: keyId, tag },
      ...Object.fromEntries(draft.further.map(([name, text]) => [name, bareItem(text)])),
    },
    signer: {
      algorithm: key.alg,
      sign(data) {
        base = Buffer.from(data).toString('latin1');
        return makeSignature(key, base);
      },
    },
  });
  const parameters = signed.signatureInput.slice(label.length + 1);
  return { label, parameters, signature: signed.signature.slice(label.length + 2, -1), base };
}

/** For what nobody signs: the parameters as the draft has them, over nothing of the message. */
export function signedAnyhow(draft: Draft, now: number): SignatureTexts {
  const created = now + draft.createdIn;
  const further = draft.further.map(([name, value]) => `;${name}=${value}`).join('');
  const tag = draft.tag === undefined ? '' : `;tag="${draft.tag}"`;
  const times = `;created=${created};expires=${created + draft.lifetime}`;
  const parameters = `(${draft.covered.join(' ')})${times};nonce="n";keyid="${draft.keyId}"${tag}${further}`;
  return { label: draft.label, parameters, signature: createHmac('sha256', 'x').update(parameters).digest('base64') };
}

/** The request with its signature. */
export function withSignature(wire: Wire, { label, parameters, signature }: SignatureTexts): Wire {
  const fields = [
    ['Signature-Input', `${label}=${parameters}`],
    ['Signature', `${label}=:${signature}:`],
  ] as const;
  return { ...wire, headers: [...wire.headers, ...fields] };
}

/** An unknown key id is signed for with the shared secret. */
function signingKeyId({ keyId }: Draft): string {
  return keyId === 'nobody' ? 'test-shared-secret' : keyId;
}

export function verificationKey(keyId: string) {
  return keyId.startsWith('test-') ? rfcVerificationKey(keyId) : undefined;
}

/** An identifier as the library takes it. */
function toComponent(identifier: string): SignatureComponent {
  const [name, parameters] = parseItem(identifier);
  return { name: String(name), parameters: Object.fromEntries(parameters) as Record<string, string | boolean> };
}

/** A parameter's value as the library takes it; its tokens are of a class of its own. */
function bareItem(text: string): Rfc8941BareItem {
  const member = parseDictionary(`a=${text}`).get('a');
  if (member === undefined || isInnerList(member)) throw new Error(`${text} is no bare item`);
  const [value] = member;
  return value instanceof Token ? new LibraryToken(value.toString()) : (value as Rfc8941BareItem);
}
