import { randomUUID } from 'node:crypto';
import { type Clock, SECOND_MS } from '../../../base/clock.ts';
import { hashForms } from '../../../identity/hash-forms.ts';
import type { Tokenizer } from '../../../identity/token.ts';
import { addressBlock } from '../../../limits/address-block.ts';
import type { CodeCount, CodeCounts, CodeRule, CodeVerdict } from '../../../limits/code-counts.ts';
import type { Outbound } from '../../../outbound/create-outbound.ts';
import type { OtpSettings } from '../../../registry/schema/otp.ts';
import type { OtpPort, OtpRequest, OtpSent } from '../otp-port.ts';
import { codeOf, judgeCode, stateOfCode } from './one-time-code.ts';

export interface ProviderOtpDeps {
  /** As they are now. */
  readonly settings: () => OtpSettings;
  readonly counts: CodeCounts;
  readonly tokenizer: Tokenizer;
  readonly outbound: Outbound;
  /** Headers that tell the provider that the request is ours. */
  readonly authenticate: (settings: OtpSettings, body: string) => Readonly<Record<string, string>>;
  /** Of what is kept of a code. */
  readonly codeKey: Uint8Array;
  readonly realClock: Clock;
  readonly observer: OtpObserver;
}

/** Told what became of every code; never a number. */
export interface OtpObserver {
  asked(partnerId: string, outcome: OtpSent['kind']): void;
  /** @param today codes of the partner today */
  counted(partnerId: string, today: number, budget: number): Promise<void>;
  /** @param detail for the log */
  failed(detail: string): void;
}

/** Statuses by which a provider says that it will not send to this number; anything else is its trouble or ours. */
const REFUSING: ReadonlySet<number> = new Set([400, 422]);
const OK = 200;
const REDIRECT = 300;

/**
 * Codes sent by a provider over HTTP. We make the code and keep a keyed hash of it; the provider only passes it on. It is asked
 * once: where its answer is not clear the code counts as not sent, and the applicant may ask for it again at once.
 */
export function createProviderOtp(deps: ProviderOtpDeps): OtpPort {
  const { codeKey, realClock, observer } = deps;
  return {
    knownCode: null,
    async sendCode(request) {
      const sent = await send(deps, request);
      observer.asked(request.partnerId, sent.kind);
      return sent;
    },
    judgeCode: async (place, state, code) => judgeCode(codeKey, place, state, code, realClock.nowMs()),
  };
}

async function send(deps: ProviderOtpDeps, request: OtpRequest): Promise<OtpSent> {
  const settings = deps.settings();
  if (!settings.prefixes.some((prefix) => request.phone.startsWith(prefix))) return { kind: 'refused' };
  const nowMs = deps.realClock.nowMs();
  const state = stateOfCode(
    deps.codeKey,
    request,
    codeOf(deps.codeKey, request),
    nowMs + settings.ttl_seconds * SECOND_MS,
  );
  const phone: CodeCount = { of: 'phone', token: tokenOfPhone(deps.tokenizer, request.phone) };
  const counted = await countAll(deps, settings, request, phone, nowMs);
  // A form that was sent twice: its code is on the way.
  if (counted === 'again') return { kind: 'sent', state };
  if (counted !== 'counted') return counted;
  const outcome = await post(deps, settings, request);
  if (outcome === 'failed') await deps.counts.endWait(phone);
  return outcome === 'sent' ? { kind: 'sent', state } : { kind: outcome };
}

/**
 * The number first, then where it is asked from, and last what is the partner's: who tries numbers by the thousand from one
 * place, or one number over and over, uses up nothing of the partner's.
 */
async function countAll(
  { counts, tokenizer, observer }: ProviderOtpDeps,
  { limits, resend_seconds }: OtpSettings,
  { formId, partnerId, linkCode, address }: OtpRequest,
  phone: CodeCount,
  nowMs: number,
): Promise<'counted' | 'again' | OtpSent> {
  const code = { id: formId, call: randomUUID(), nowMs };
  const waitMs = resend_seconds * SECOND_MS;
  const first = await counts.count(code, phone, {
    waitMs,
    perHour: limits.phone_per_hour,
    perDay: limits.phone_per_day,
  });
  if (!first.ok) return first.why === 'again' ? 'again' : turnedAway(first);
  const others: [CodeCount, CodeRule][] = [
    [
      { of: 'link', partnerId, code: linkCode },
      { waitMs: 0, perDay: limits.link_per_day },
    ],
    [
      { of: 'partner', partnerId },
      { waitMs: 0, perDay: limits.partner_per_day },
    ],
  ];
  if (address !== '') {
    const rule = { waitMs: 0, perHour: limits.address_per_hour, perDay: limits.address_per_day };
    others.unshift([{ of: 'address', token: tokenOfAddress(tokenizer, address) }, rule]);
  }
  for (const [whose, rule] of others) {
    const verdict = await counts.count(code, whose, rule);
    const today = verdict.ok ? verdict.today : rule.perDay;
    if (whose.of === 'partner') await observer.counted(partnerId, today, rule.perDay);
    if (verdict.ok) continue;
    await counts.endWait(phone);
    return turnedAway(verdict);
  }
  return 'counted';
}

function turnedAway(verdict: Exclude<CodeVerdict, { readonly ok: true }>): OtpSent {
  if (verdict.why !== 'wait') return { kind: 'limited' };
  return { kind: 'wait', seconds: Math.ceil(verdict.waitMs / SECOND_MS) };
}

async function post(
  { outbound, authenticate, observer, codeKey }: ProviderOtpDeps,
  settings: OtpSettings,
  { phone, formId, language }: OtpRequest,
): Promise<'sent' | 'refused' | 'failed'> {
  const { url, timeout_ms: timeoutMs, template, ttl_seconds } = settings;
  const code = codeOf(codeKey, { phone, formId });
  const body = JSON.stringify({ id: formId, phone, code, template, language, ttl_seconds });
  const headers = { 'content-type': 'application/json', 'idempotency-key': formId };
  const answer = await outbound.fetchBounded({
    url,
    method: 'POST',
    headers: { ...headers, ...authenticate(settings, body) },
    body,
    timeoutMs,
  });
  if (!answer.ok) {
    observer.failed(`${answer.code}: ${answer.detail}`);
    return 'failed';
  }
  if (answer.status >= OK && answer.status < REDIRECT) return 'sent';
  if (REFUSING.has(answer.status)) return 'refused';
  observer.failed(`it answered ${answer.status}`);
  return 'failed';
}

function tokenOfPhone(tokenizer: Tokenizer, phone: string): string {
  return tokenizer.token('phone', 'sha256', hashForms(phone).sha256);
}

function tokenOfAddress(tokenizer: Tokenizer, address: string): string {
  return tokenizer.token('ip', 'plain', addressBlock(address));
}
