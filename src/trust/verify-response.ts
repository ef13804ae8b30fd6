import type { Component } from './component.ts';
import { verifyContentDigest } from './content-digest.ts';
import { type FieldLines, fieldValue, toFieldLines } from './field-lines.ts';
import { isKeyCurrent, type VerificationKey } from './import-key.ts';
import { type ParsedSignature, parseSignature } from './parse-signature.ts';
import { requestSignatureLabel } from './sign-answer.ts';
import { type RequestMessage, type ResponseMessage, signatureBase } from './signature-base.ts';
import { nativePolicy, type SignaturePolicy } from './signature-policy.ts';
import { isSignatureValid } from './signature-value.ts';
import { checkTimes, type SignatureFaultCode } from './verify-request.ts';

/** A request as it was sent, signature and all. */
export type SentRequest = {
  readonly method: string;
  /** Absolute http(s) URL. */
  readonly url: string;
  readonly headers: Iterable<readonly [name: string, value: string]>;
};

/** What came back. */
export type ReceivedResponse = {
  readonly status: number;
  readonly headers: Iterable<readonly [name: string, value: string]>;
  /** The bytes as received, any transfer coding undone. */
  readonly body: Uint8Array;
};

export type ResponseVerifying = {
  /** The gateway's published keys by id. */
  readonly keys: { find(keyId: string): VerificationKey | undefined };
  /** Real time in epoch seconds. */
  readonly nowSeconds: number;
  /** The nonce that `Accept-Signature` asked for; checked when given. */
  readonly nonce?: string;
  readonly policy?: SignaturePolicy;
};

export type ResponseFault = {
  readonly ok: false;
  /** `nonce_mismatch`: signed for another wish than ours. */
  readonly code: SignatureFaultCode | 'nonce_mismatch';
  readonly detail: string;
  /** Of `key_unknown`: which key the signature names, so that the key set can be read again. */
  readonly keyId?: string;
};

export type ResponseVerdict =
  | { readonly ok: true; readonly keyId: string; readonly created: number; readonly expires: number }
  | ResponseFault;

/**
 * Verifies that a response was signed by the gateway for just this request (RFC 9421 §2.4, §3.2). The signature must carry
 * our tag, be fresh, and cover the status, content type and digest, and the signature of the request; of a request that was
 * not signed, its method, authority, path and query. Never throws on anything that comes over the wire.
 */
export function verifyResponse(
  received: ReceivedResponse,
  sent: SentRequest,
  { keys, nowSeconds, nonce, policy = nativePolicy }: ResponseVerifying,
): ResponseVerdict {
  const message = responseMessage(received, sent);
  const input = fieldValue(message.fields, 'signature-input');
  const value = fieldValue(message.fields, 'signature');
  if (input === undefined || value === undefined) return fault('signature_missing', 'the response is not signed');
  const parse = parseSignature(input, value, policy);
  if (!parse.ok) return fault(parse.fault === 'absent' ? 'signature_incomplete' : 'signature_malformed', parse.detail);
  const { signature } = parse;
  const { created, expires, keyid } = signature.parameters;
  if (created === undefined || expires === undefined || keyid === undefined) {
    return fault('signature_incomplete', 'the signature lacks created, expires or keyid');
  }
  if (nonce !== undefined && signature.parameters.nonce !== nonce) {
    return fault('nonce_mismatch', 'the signature does not carry the nonce that was asked for');
  }
  const missing = missingCoverage(message, signature.components, received.body.length > 0);
  if (missing.length > 0) return fault('signature_incomplete', `the signature does not cover ${missing.join(', ')}`);
  const untimely = checkTimes({ created, expires }, policy, nowSeconds);
  if (untimely !== undefined) return untimely;
  const key = keys.find(keyid);
  if (key === undefined || !isKeyCurrent(key, nowSeconds)) {
    return { ...fault('key_unknown', 'the keyid names no published key'), keyId: keyid };
  }
  return checkValue(message, signature, key) ?? checkDigest(message, received.body) ?? ok(keyid, created, expires);
}

/** Both messages as the signature base reads them. */
export function responseMessage(
  received: Pick<ReceivedResponse, 'status' | 'headers'>,
  sent: SentRequest,
): ResponseMessage & { readonly request: RequestMessage } {
  const url = new URL(sent.url);
  return {
    kind: 'response',
    status: received.status,
    fields: toFieldLines(received.headers),
    request: {
      kind: 'request',
      method: sent.method,
      scheme: url.protocol.slice(0, -1),
      authority: url.host,
      target: `${url.pathname}${url.search}`,
      path: url.pathname,
      query: url.search,
      fields: toFieldLines(sent.headers),
    },
  };
}

/** Identifiers that have to be covered and are not. */
function missingCoverage(
  { fields, request }: ResponseMessage & { readonly request: RequestMessage },
  components: readonly Component[],
  hasBody: boolean,
): string[] {
  const covers = (name: string): boolean => components.some((one) => one.name === name && one.options === undefined);
  const needed = ['@status'];
  if (hasBody) needed.push('content-digest');
  if (hasBody && has(fields, 'content-type')) needed.push('content-type');
  const missing = needed.filter((name) => !covers(name)).map((name) => `"${name}"`);
  return [...missing, ...missingBinding(request, components)];
}

/** What ties the answer to its request: the request's signature, or, where there is none, what the request was. */
function missingBinding(request: RequestMessage, components: readonly Component[]): string[] {
  const label = requestSignatureLabel(request);
  if (label !== undefined && has(request.fields, 'signature')) {
    const isBound = components.some(
      ({ name, options }) =>
        name === 'signature' && isPlainRequestPart(options) && (options?.key === undefined || options.key === label),
    );
    return isBound ? [] : [`"signature";req;key="${label}"`];
  }
  const needed = ['@method', '@authority', '@path', ...(request.query === '' ? [] : ['@query'])];
  return needed
    .filter(
      (name) =>
        !components.some(
          (one) => one.name === name && isPlainRequestPart(one.options) && one.options?.key === undefined,
        ),
    )
    .map((name) => `"${name}";req`);
}

function isPlainRequestPart(options: Component['options']): boolean {
  return options?.req === true && options.tr !== true;
}

function has(fields: FieldLines, name: string): boolean {
  return fields.names.includes(name);
}

function checkValue(
  message: ResponseMessage,
  { components, parametersText, parameters, signature }: ParsedSignature,
  key: VerificationKey,
): ResponseFault | undefined {
  if (parameters.alg !== undefined && parameters.alg !== key.alg) {
    return fault('signature_invalid', 'alg is not the algorithm of the key');
  }
  const built = signatureBase(message, components, parametersText);
  if (!built.ok) return fault('signature_invalid', built.detail);
  if (isSignatureValid(key, built.base, signature)) return undefined;
  return fault('signature_invalid', 'the signature is not over this response to this request');
}

function checkDigest({ fields }: ResponseMessage, body: Uint8Array): ResponseFault | undefined {
  const digest = fieldValue(fields, 'content-digest');
  // Without a body and without the field there is nothing to check; with a body, coverage has made sure of the field.
  if (digest === undefined) return undefined;
  const verdict = verifyContentDigest(digest, body);
  return verdict.ok ? undefined : fault('digest_mismatch', verdict.detail);
}

function ok(keyId: string, created: number, expires: number): ResponseVerdict {
  return { ok: true, keyId, created, expires };
}

function fault(code: ResponseFault['code'], detail: string): ResponseFault {
  return { ok: false, code, detail };
}
