import type { CheckedRequest } from '../raw-request.ts';
import { missingComponents, requiredComponents } from '../signature-policy.ts';
import { MAX_PARAMETER_LENGTH } from '../verify-request.ts';
import { type DiagnosisSetting, type DiagnosisStep, failed, held, unjudged } from './diagnosis.ts';
import type { SignatureReading } from './read-question.ts';

/** The steps `tag` to `clock`: everything that is said of a signature, before anything is computed. */
export function judgeMetadata(
  request: CheckedRequest,
  reading: SignatureReading,
  { policy, nowSeconds }: DiagnosisSetting,
): DiagnosisStep[] {
  return [
    judgeTag(reading, policy.tag),
    judgeComponents(reading),
    judgeParameters(reading),
    judgeCoverage(request, reading),
    judgeLifetime(reading, policy.maxLifetimeSeconds),
    judgeClock(reading, policy.clockSkewSeconds, nowSeconds),
  ];
}

function judgeTag({ tags, count, signature, label }: SignatureReading, tag: string): DiagnosisStep {
  const expected = `one signature with tag="${tag}"`;
  if (count === 0) {
    const found = tags.map((one) => (one === '' ? 'no tag' : `tag="${one}"`)).join(', ');
    return failed('tag', 'signature_incomplete', {
      expected,
      found,
      hint: `Add the parameter tag="${tag}" and sign it.`,
    });
  }
  if (count > 1) {
    const hint = `Send only one signature with tag="${tag}".`;
    return failed('tag', 'signature_malformed', { expected, found: `${count} of them`, hint });
  }
  if (signature === undefined) {
    const hint = `Write the signature between colons: ${label}=:base64:`;
    return failed('tag', 'signature_malformed', { expected: 'a byte sequence', found: 'another kind of value', hint });
  }
  return held('tag', `tag="${tag}"`);
}

function judgeComponents({ list, componentFault }: SignatureReading): DiagnosisStep {
  const found = list.items.map(({ raw }) => raw).join(' ');
  if (componentFault === undefined) return held('components', found);
  const isCase = list.items.some(({ value }) => value !== value.toLowerCase());
  const hint = isCase
    ? 'Write component names in lower case: "content-type", not "Content-Type".'
    : `Cover only what RFC 9421 has, each once: ${componentFault}.`;
  return failed('components', 'signature_malformed', { found, hint });
}

function judgeParameters({ parameters, parameterFault }: SignatureReading): DiagnosisStep {
  const expected = 'created, expires, nonce, keyid';
  const { created, expires, nonce, keyid } = parameters;
  if (parameterFault !== undefined) {
    const hint = `Write the parameter as RFC 9421 has it: ${parameterFault}.`;
    return failed('parameters', 'signature_malformed', { expected, found: parameterFault, hint });
  }
  const absent = Object.entries({ created, expires, nonce, keyid }).filter(([, value]) => value === undefined);
  if (absent.length > 0) {
    const names = absent.map(([name]) => name).join(', ');
    const hint = `Add ${names} to Signature-Input and sign them with the rest of its line.`;
    return failed('parameters', 'signature_incomplete', { expected, found: `${names} missing`, hint });
  }
  const length = nonce?.length ?? 0;
  if (length === 0 || length > MAX_PARAMETER_LENGTH || (keyid?.length ?? 0) > MAX_PARAMETER_LENGTH) {
    const hint = `Keep nonce and keyid at 1 to ${MAX_PARAMETER_LENGTH} characters; 16 random bytes in base64url do.`;
    return failed('parameters', 'signature_malformed', { expected, found: `nonce of ${length} characters`, hint });
  }
  return held('parameters', `keyid="${keyid}"`);
}

function judgeCoverage(request: CheckedRequest, { components, list }: SignatureReading): DiagnosisStep {
  const need = { hasQuery: request.query !== '', hasBody: request.body.length > 0 };
  const expected = requiredComponents(need)
    .map((name) => `"${name}"`)
    .join(' ');
  const found = list.items.map(({ raw }) => raw).join(' ');
  const misplaced = components.find(({ options }) => options?.req === true);
  if (misplaced !== undefined) {
    const hint = `Leave "req" out of ${misplaced.identifier}: it belongs to signatures of responses.`;
    return failed('coverage', 'signature_malformed', { expected, found, hint });
  }
  const missing = missingComponents(components, need);
  if (missing.length === 0) return held('coverage', found);
  const names = missing.map((name) => `"${name}"`).join(' ');
  return failed('coverage', 'signature_incomplete', { expected, found, hint: `Cover ${names} as well.` });
}

/** Seconds this large are the year 5138; milliseconds this large are 1973. */
const SURELY_MILLISECONDS = 100_000_000_000;
const MILLISECONDS = {
  mistake: 'created_in_milliseconds',
  hint: 'Give created and expires in seconds, not milliseconds.',
};

function judgeLifetime({ parameters: { created, expires } }: SignatureReading, most: number): DiagnosisStep {
  const expected = `expires 1 to ${most} s after created`;
  if (created === undefined || expires === undefined) {
    return unjudged('lifetime', 'Needs created and expires.', expected);
  }
  const lifetime = expires - created;
  if (lifetime > 0 && lifetime <= most) return held('lifetime', `${lifetime} s`);
  const found = `expires ${lifetime} s after created`;
  if (Math.max(created, expires) > SURELY_MILLISECONDS) {
    return failed('lifetime', 'signature_malformed', { expected, found, ...MILLISECONDS });
  }
  const hint = `Set expires to created + ${most} or less, and later than created.`;
  return failed('lifetime', 'signature_malformed', { expected, found, hint });
}

const HOUR = 3_600;

function judgeClock({ parameters: { created, expires } }: SignatureReading, skew: number, now: number): DiagnosisStep {
  const expected = `our clock, ${Math.floor(now)}, between created and expires (${skew} s either way)`;
  if (created === undefined || expires === undefined) return unjudged('clock', 'Needs created and expires.', expected);
  const found = `created=${created}, expires=${expires}`;
  if (now > expires + skew) {
    const seconds = Math.floor(now - expires);
    const hint = `The signature expired ${seconds} s ago: sign when you send, and keep your clock by NTP.${zoneHint(seconds)}`;
    return failed('clock', 'signature_expired', { expected, found, hint });
  }
  if (created > now + skew) {
    if (created > SURELY_MILLISECONDS)
      return failed('clock', 'signature_from_future', { expected, found, ...MILLISECONDS });
    const seconds = Math.ceil(created - now);
    const hint = `created is ${seconds} s ahead of our clock: keep yours by NTP.${zoneHint(seconds)}`;
    return failed('clock', 'signature_from_future', { expected, found, hint });
  }
  return held('clock', found);
}

/** Off by whole hours, give or take a lifetime: somebody took local time for UTC. */
function zoneHint(seconds: number): string {
  const hours = Math.round(seconds / HOUR);
  if (hours < 1 || hours > 14 || Math.abs(seconds - hours * HOUR) > 330) return '';
  return ` It is about ${hours} h: epoch seconds count from 1970 in UTC, whatever your time zone is.`;
}
