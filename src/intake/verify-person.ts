import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { VerificationNote } from '../applications/model.ts';
import { verificationNotes } from '../applications/verification/note-verifications.ts';
import type {
  CheckedPerson,
  PersonCheckKind,
  VerificationProvider,
} from '../applications/verification/verification-provider.ts';
import { type Clock, isoOf, SECOND_MS } from '../base/clock.ts';

/** A check that has not answered by then is `unknown`: nobody waits longer for it. */
export const VERIFY_DEADLINE_MS = 3 * SECOND_MS;

const PROVIDER_MAX = 64;

/** What of a provider's answer is taken over: anything else is no answer. */
const resultSchema = z.object({
  result: z.enum(['pass', 'fail', 'unknown']),
  provider: z.string().min(1).max(PROVIDER_MAX),
  score: z.number().optional(),
  ref: z.string().min(1).max(128),
});

export interface VerifyDeps {
  readonly verifier?: VerificationProvider;
  /** Business time: when it was checked. */
  readonly clock: Clock;
}

/**
 * Has a person checked, all kinds at once, within one deadline. Never throws: a provider that fails, says nothing or says
 * nonsense is `unknown`. Each call asks the provider anew and may cost money: the caller sees to it that nothing is asked twice.
 * @returns one note a kind, by `sluice`, without anything of the person; none where nothing is configured that checks
 */
export async function verifyPerson(
  { verifier, clock }: VerifyDeps,
  kinds: readonly PersonCheckKind[],
  person: CheckedPerson,
  deadlineMs = VERIFY_DEADLINE_MS,
): Promise<VerificationNote[]> {
  if (verifier === undefined || kinds.length === 0) return [];
  const ended = new AbortController();
  const late = delay(deadlineMs, undefined, { signal: ended.signal, ref: false }).catch(() => undefined);
  const known = [person.name, person.idNumber, person.phone, person.cardNumber ?? ''];
  const askOne = async (kind: PersonCheckKind): Promise<VerificationNote[]> => {
    const answer = await Promise.race([ask(verifier, kind, person, ended.signal), late]);
    const read = resultSchema.safeParse(answer);
    const { result, provider, score, ref }: Told = read.success ? read.data : unknownFrom(verifier);
    return verificationNotes([{ kind, provider, result, score, ref, at: isoOf(clock.nowMs()) }], 'sluice', known);
  };
  try {
    return (await Promise.all(kinds.map(askOne))).flat();
  } finally {
    ended.abort();
  }
}

async function ask(
  verifier: VerificationProvider,
  kind: PersonCheckKind,
  person: CheckedPerson,
  signal: AbortSignal,
): Promise<unknown> {
  try {
    return await verifier.check(kind, person, signal);
  } catch {
    // What it threw may quote the person; that it failed is all that is kept.
    return undefined;
  }
}

type Told = Omit<z.output<typeof resultSchema>, 'ref'> & { readonly ref?: string };

function unknownFrom(verifier: VerificationProvider): Told {
  return { result: 'unknown', provider: verifier.name.slice(0, PROVIDER_MAX) };
}
