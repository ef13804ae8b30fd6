import type { Logger } from 'pino';
import { SECOND_MS, systemClock } from '../base/clock.ts';
import { createProviderOtp } from '../doors/referral/otp/provider-otp.ts';
import { type OtpPort, sandboxOtp } from '../doors/referral/otp-port.ts';
import type { Metrics } from '../http/metrics.ts';
import { CodeCounts } from '../limits/code-counts.ts';
import { createOutbound } from '../outbound/create-outbound.ts';
import type { OtpSettings } from '../registry/schema/otp.ts';
import type { CodeWatch } from '../screening/probe-watch/code-watch.ts';
import { deriveKey } from '../trust/derive-key.ts';
import { signRequest } from '../trust/sign-message.ts';
import type { Ground } from './rooms.ts';
import type { StopList } from './stop-list.ts';

export interface OtpParts {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly codeWatch: CodeWatch;
}

/**
 * Who sends one-time codes now: the provider of operator.yaml; without one the sandbox's known code, and in live nobody
 * (null). What is asked of a provider is bounded and signed, and never logged.
 */
export function openOtp(
  ground: Ground,
  { logger, metrics, codeWatch }: OtpParts,
  stops: StopList,
): () => OtpPort | null {
  const { config, redis, registry, secrets } = ground;
  const outbound = createOutbound({ allowLoopback: config.mode === 'sandbox' });
  stops.add('provider of one-time codes', () => outbound.close());
  const settings = (): OtpSettings | undefined => registry.current().operator.otp;
  const provider = createProviderOtp({
    settings: () => {
      const current = settings();
      if (current === undefined) throw new Error('no provider of one-time codes');
      return current;
    },
    counts: new CodeCounts(redis.client, redis.keys),
    tokenizer: secrets.tokenizer,
    outbound,
    authenticate: (current, body) => authentication(ground, current, body),
    codeKey: deriveKey(secrets.root, 'one-time-codes'),
    realClock: systemClock,
    observer: {
      asked: (partner, outcome) => metrics.countCode(partner, outcome),
      counted: (partner, today, budget) => codeWatch.note(partner, today, budget),
      failed: (detail) => logger.error({ detail }, 'the provider of one-time codes did not take one'),
    },
  });
  return () => {
    if (settings() !== undefined) return provider;
    return config.mode === 'sandbox' ? sandboxOtp : null;
  };
}

function authentication(
  { config, ourKeys }: Ground,
  { url, key_env, sign_with }: OtpSettings,
  body: string,
): Record<string, string> {
  const bearer = key_env === undefined ? undefined : config.variables[key_env];
  const headers: Record<string, string> = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
  if (sign_with === undefined) return headers;
  const { signingKey: key } = ourKeys.find(sign_with) ?? ourKeys.current();
  const signed = signRequest({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json' },
    body,
    key,
    createdSeconds: Math.floor(systemClock.nowMs() / SECOND_MS),
  });
  return { ...headers, ...signed };
}
