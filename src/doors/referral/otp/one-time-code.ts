import { createHmac, timingSafeEqual } from 'node:crypto';
import type { OtpVerdict } from '../otp-port.ts';

const DIGITS = 6;
const STATE = /^(\d{1,15})\.([A-Za-z0-9_-]{43})$/;

/** What a code belongs to: it is good nowhere else. */
export interface CodePlace {
  readonly phone: string;
  readonly formId: string;
}

/**
 * The code of a form: six digits, drawn from the form's random id under our key. So a form that is sent twice has one code, and
 * a text that was delivered after all is still right.
 */
export function codeOf(key: Uint8Array, { phone, formId }: CodePlace): string {
  const drawn = createHmac('sha256', key).update(`code\0${formId}\0${phone}`).digest().readUIntBE(0, 6);
  // 2⁴⁸ is far above a million: every code is as likely as any other, to one part in 10⁸.
  return String(drawn % 10 ** DIGITS).padStart(DIGITS, '0');
}

/** What is kept of a code: until when it is good, and its keyed hash. Without the key a million tries would tell the code. */
export function stateOfCode(key: Uint8Array, place: CodePlace, code: string, expiresAtMs: number): string {
  return `${expiresAtMs}.${hashOf(key, place, code, expiresAtMs)}`;
}

/** Judges what somebody typed against what was kept of the code. */
export function judgeCode(key: Uint8Array, place: CodePlace, kept: string, typed: string, nowMs: number): OtpVerdict {
  const [, expires = '', hash = ''] = STATE.exec(kept) ?? [];
  if (hash === '') return 'wrong';
  if (nowMs >= Number(expires)) return 'expired';
  const expected = hashOf(key, place, typed, Number(expires));
  return timingSafeEqual(Buffer.from(expected), Buffer.from(hash)) ? 'right' : 'wrong';
}

function hashOf(key: Uint8Array, { phone, formId }: CodePlace, code: string, expiresAtMs: number): string {
  return createHmac('sha256', key).update(`kept\0${formId}\0${phone}\0${expiresAtMs}\0${code}`).digest('base64url');
}
