import { readHttpText } from '../../../trust/diagnosis/read-http-text.ts';
import type { RawRequest } from '../../../trust/raw-request.ts';
import type { SignatureQuestion } from './diagnosis-schema.ts';

export type QuestionReading =
  | { readonly ok: true; readonly request: RawRequest }
  | { readonly ok: false; readonly pointer: string; readonly message: string };

const URL_TEXT = /^https?:\/\/([^/?#]+)([^#]*)/i;

/** The request that a question is about, byte for byte as far as it was given; parts given beside `raw` take precedence. */
export function readQuestion(question: SignatureQuestion): QuestionReading {
  const parts = question.raw === undefined ? NOTHING : readHttpText(question.raw);
  if (!parts.ok) return { ok: false, pointer: '/raw', message: parts.detail };
  const url = question.url === undefined ? undefined : URL_TEXT.exec(question.url);
  if (url === null) return { ok: false, pointer: '/url', message: 'must be an absolute http(s) URL' };
  const given = question.headers === undefined ? parts.request.headers : readHeaders(question.headers);
  const host = url?.[1] ?? question.host;
  const hasHost = given.some(([name]) => name.toLowerCase() === 'host');
  const headers = hasHost || host === undefined ? given : [['Host', host] as const, ...given];
  const method = question.method ?? parts.request.method;
  const target = question.target ?? (url === undefined ? parts.request.target : toTarget(url[2] ?? ''));
  return { ok: true, request: { method, target, headers, body: readBody(question) ?? parts.request.body } };
}

const NOTHING = { ok: true as const, request: { method: '', target: '', headers: [], body: new Uint8Array(0) } };

function toTarget(rest: string): string {
  return rest.startsWith('/') ? rest : `/${rest}`;
}

function readHeaders(headers: NonNullable<SignatureQuestion['headers']>): (readonly [name: string, value: string])[] {
  if (Array.isArray(headers)) return headers.map(([name = '', value = '']) => [name, value]);
  return Object.entries(headers).flatMap(([name, value]) =>
    Array.isArray(value) ? value.map((one) => [name, one] as const) : [[name, value] as const],
  );
}

function readBody({ body, body_base64 }: SignatureQuestion): Uint8Array | undefined {
  if (body_base64 !== undefined) return Buffer.from(body_base64, 'base64');
  return body === undefined ? undefined : Buffer.from(body);
}
