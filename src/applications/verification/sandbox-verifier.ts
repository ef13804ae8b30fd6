import type { ProviderResult, VerificationProvider } from './verification-provider.ts';

/** Last four digits of the phone number (with a card: the one reserved at the bank) → what comes of the check. */
const RESULTS: Readonly<Record<string, ProviderResult['result']>> = { '0097': 'fail', '0098': 'unknown' };
const SCORES = { pass: 1, fail: 0, unknown: undefined } as const;

/** The sandbox's checks: everybody passes, except who asks for something else by the last four digits of the phone. */
export function createSandboxVerifier(): VerificationProvider {
  const name = 'sandbox';
  return {
    name,
    check: async (_kind, { phone }) => {
      const result = RESULTS[phone.slice(-4)] ?? 'pass';
      const score = SCORES[result];
      return { result, provider: name, ...(score === undefined ? {} : { score }), ref: `sandbox-${result}` };
    },
  };
}
