import type { CounterpartySet, SetOptions } from './counterparty-set.ts';
import type { Finding } from './registry-problem.ts';
import { urlFault } from './validate-url.ts';

/** Checks the provider of one-time codes: where it is, and that its key is there. */
export function validateOtp({ operator: { file, value } }: CounterpartySet, options: SetOptions): Finding[] {
  const { otp } = value;
  if (otp === undefined) return [];
  const fault = urlFault(otp.url, options.environment);
  const found: Finding[] =
    fault === null ? [] : [{ file, path: ['otp', 'url'], code: 'url_not_allowed', message: fault }];
  if (otp.key_env === undefined || options.variables[otp.key_env]) return found;
  const severity = options.requireSecrets ? {} : ({ severity: 'warning' } as const);
  const message = `the environment variable ${otp.key_env} is not set`;
  const hint = `set ${otp.key_env} before the start`;
  return [...found, { file, path: ['otp', 'key_env'], code: 'secret_missing', message, hint, ...severity }];
}
