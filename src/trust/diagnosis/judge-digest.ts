import { contentDigest, verifyContentDigest } from '../content-digest.ts';
import { fieldValue } from '../field-lines.ts';
import type { CheckedRequest } from '../raw-request.ts';
import { type DiagnosisStep, failed, held, unjudged } from './diagnosis.ts';
import { digestMistake } from './digest-mistake.ts';

/** The step `digest`. It tells the right digest: whoever asks has the body. */
export function judgeDigest({ fields, body }: CheckedRequest): DiagnosisStep {
  const found = fieldValue(fields, 'content-digest');
  const expected = contentDigest(body);
  if (found === undefined) {
    if (body.length === 0) return held('digest', 'no body, no digest');
    return unjudged('digest', 'Send Content-Digest with the body, and cover it.', expected);
  }
  const verdict = verifyContentDigest(found, body);
  if (verdict.ok) return held('digest', found);
  if (body.length === 0) {
    const hint = 'There is a Content-Digest but no body here: give the exact bytes that were sent, or send no digest.';
    return failed('digest', 'digest_mismatch', { expected, found, hint, mistake: 'body_absent' });
  }
  const mistake = digestMistake(found, body);
  const hint = `${capital(verdict.detail)}: hash the very bytes that are sent, after serialising them once.`;
  return failed('digest', 'digest_mismatch', { expected, found, hint, ...mistake });
}

function capital(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
}
