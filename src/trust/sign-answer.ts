import type { Component } from './component.ts';
import { fieldValue } from './field-lines.ts';
import type { SigningKey } from './import-key.ts';
import { type AnswerWish, parseAcceptSignature, type WishFault } from './parse-accept-signature.ts';
import { type SignatureContent, signMessage } from './sign-message.ts';
import { componentValue, ONE_ASCII_LINE, type RequestMessage, type ResponseMessage } from './signature-base.ts';
import { nativePolicy } from './signature-policy.ts';
import { ScanError, scanInnerLists } from './structured-scanner.ts';

/** An answer as it will be sent, with the request it answers. */
export type AnswerToSign = ResponseMessage & { readonly request: RequestMessage };

export type SignedAnswer =
  | { readonly ok: true; readonly headers: { readonly 'Signature-Input': string; readonly Signature: string } }
  | { readonly ok: false; readonly code: WishFault['code'] | UnmetCode; readonly about: string };

/** `component_absent`: the answer, or the request for `req`, has no such component that can be signed. */
export type UnmetCode = 'component_absent' | 'alg_unsupported' | 'keyid_unknown';

const DEFAULT_WISH: AnswerWish = { ok: true, label: 'sig', components: [] };

/**
 * Signs an answer: as the first wish of `Accept-Signature` that can be granted says, or by default when there is none
 * (RFC 9421 §5.2). What a client may choose cannot make our signature pass for one of a request of ours: every component of
 * a request stands in the base as `;req`, and requests are never accepted without `@method`.
 * @param accept combined value of `Accept-Signature`; undefined = the signature was not asked for by the request
 * @param nowSeconds real time in epoch seconds
 */
export function signAnswer(
  answer: AnswerToSign,
  key: SigningKey,
  accept: string | undefined,
  nowSeconds: number,
): SignedAnswer {
  const wishes = accept === undefined ? [DEFAULT_WISH] : parseAcceptSignature(accept);
  let unmet: Exclude<SignedAnswer, { ok: true }> | undefined;
  for (const wish of wishes) {
    const content = wish.ok ? contentFor(answer, key, wish, nowSeconds) : wish;
    if (!('ok' in content)) return { ok: true, headers: signMessage(answer, key, content) };
    unmet ??= content;
  }
  return unmet ?? { ok: false, code: 'malformed', about: 'it is empty' };
}

function contentFor(
  answer: AnswerToSign,
  key: SigningKey,
  wish: AnswerWish,
  nowSeconds: number,
): SignatureContent | Exclude<SignedAnswer, { ok: true }> {
  if (wish.alg !== undefined && wish.alg !== key.alg) return { ok: false, code: 'alg_unsupported', about: wish.alg };
  if (wish.keyid !== undefined && wish.keyid !== key.id) return { ok: false, code: 'keyid_unknown', about: wish.keyid };
  const missing = wish.components.find((component) => !isThere(answer, component));
  if (missing !== undefined) return { ok: false, code: 'component_absent', about: missing.identifier };
  const created = Math.floor(nowSeconds);
  return {
    covered: wish.components.length === 0 ? defaultCoverage(answer) : wish.components.map((one) => one.identifier),
    created,
    expires: created + nativePolicy.maxLifetimeSeconds,
    nonce: wish.nonce,
    alg: wish.alg,
    tag: wish.tag ?? nativePolicy.tag,
    label: wish.label,
  };
}

function isThere(answer: AnswerToSign, component: Component): boolean {
  const value = componentValue(answer, component);
  return typeof value === 'string' && ONE_ASCII_LINE.test(value);
}

/**
 * The whole answer, and what makes it the answer to this request and no other: the request's own signature holds its nonce.
 */
export function defaultCoverage(answer: AnswerToSign): string[] {
  const { request } = answer;
  const label = requestSignatureLabel(request);
  const query = request.query === '' ? [] : [component('@query', { req: true })];
  const candidates = [
    component('@status'),
    component('content-type'),
    component('content-digest'),
    component('@method', { req: true }),
    component('@authority', { req: true }),
    component('@path', { req: true }),
    ...query,
    component('content-digest', { req: true }),
    ...(label === undefined ? [] : [component('signature', { req: true, key: label })]),
  ];
  return candidates.filter((one) => isThere(answer, one)).map(({ identifier }) => identifier);
}

function component(name: string, options?: { readonly req: true; readonly key?: string }): Component {
  const key = options?.key === undefined ? '' : `;key="${options.key}"`;
  const identifier = `"${name}"${options === undefined ? '' : ';req'}${key}`;
  return options === undefined ? { name, identifier } : { name, identifier, options };
}

/**
 * The label of the signature that a request to us carries: the one with our tag, else the first. Undefined when it carries
 * none that can be read.
 */
export function requestSignatureLabel(request: RequestMessage): string | undefined {
  const input = fieldValue(request.fields, 'signature-input');
  if (input === undefined) return undefined;
  try {
    const lists = scanInnerLists(input);
    const ours = lists.find(({ parameters }) =>
      parameters.some(({ key, item }) => key === 'tag' && item.value === nativePolicy.tag),
    );
    return (ours ?? lists[0])?.label;
  } catch (error) {
    if (error instanceof ScanError) return undefined;
    throw error;
  }
}
