import { createHmac, randomBytes } from 'node:crypto';
import type { SigningKey } from '../../src/trust/import-key.ts';
import { signRequest } from '../../src/trust/sign-message.ts';

const JSON_TYPE = 'application/json';
const BROWSER = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile';

/** Prechecks of people whom nobody has asked about, signed now: good for 300 s. */
export function signedPrechecks(count: number, port: number, key: SigningKey): Buffer[] {
  const url = `http://127.0.0.1:${port}/v1/prechecks`;
  const headers = { 'content-type': JSON_TYPE };
  return Array.from({ length: count }, () => {
    const body = precheckBody();
    const signature = signRequest({ method: 'POST', url, headers, body, key, createdSeconds: Date.now() / 1_000 });
    return httpRequest('POST /v1/prechecks', port, { ...headers, ...signature }, body);
  });
}

/** The same questions for the floor: one HMAC over nonce and body. */
export function floorPrechecks(count: number, port: number, key: SigningKey): Buffer[] {
  return Array.from({ length: count }, () => {
    const body = precheckBody();
    const nonce = randomBytes(12).toString('hex');
    const signature = createHmac('sha256', key.keyObject).update(nonce).update(body).digest('base64');
    const headers = { 'content-type': JSON_TYPE, 'x-nonce': nonce, 'x-signature': signature };
    return httpRequest('POST /v1/prechecks', port, headers, body);
  });
}

/** Clicks on one link, each by somebody else. */
export function clicks(count: number, port: number, code: string): Buffer[] {
  return Array.from({ length: count }, () =>
    httpRequest(`GET /r/${code}?sub1=bench`, port, { 'user-agent': `${BROWSER} ${randomBytes(6).toString('hex')}` }),
  );
}

function precheckBody(): string {
  const md5 = (): string => randomBytes(16).toString('hex');
  return JSON.stringify({
    product_id: 'quick-cash',
    subject: { phone: { md5: md5() }, id_number: { md5: md5() } },
  });
}

function httpRequest(line: string, port: number, headers: Readonly<Record<string, string>>, body = ''): Buffer {
  const fields = Object.entries({ host: `127.0.0.1:${port}`, ...headers }).map(([name, value]) => `${name}: ${value}`);
  if (body !== '') fields.push(`content-length: ${Buffer.byteLength(body)}`);
  return Buffer.from(`${line} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n${body}`, 'latin1');
}
