import { z } from 'zod';
import { SECOND_MS } from '../../base/clock.ts';
import { hashForms } from '../../identity/hash-forms.ts';
import { bodyInvalid, type CoreReply, type SandboxCoreDeps } from './core-reply.ts';

const identifierSchema = z.union([z.string(), z.record(z.string(), z.string())]);
const precheckSchema = z.object({
  delivery_id: z.string().min(1),
  precheck_id: z.string().min(1),
  product_id: z.string(),
  subject: z.object({ phone: identifierSchema.optional() }),
});

type Story = 'customer' | 'silent' | 'stranger';

const BY_ENDING: Readonly<Record<string, Story>> = { '0019': 'customer', '0008': 'silent' };

/** Endings cannot be read from a hash, so of each story one number is known by its hashes too. */
const KNOWN_NUMBERS = ['13800000019', '13800000008'];
const BY_HASH: ReadonlyMap<string, Story> = new Map(
  KNOWN_NUMBERS.flatMap((phone) =>
    Object.values(hashForms(phone)).map((hash) => [hash, storyOfNumber(phone)] as const),
  ),
);

/** How much longer than the gateway waits a silent lender takes. */
const BEYOND_MS = SECOND_MS;

/**
 * `POST /prechecks`, by the last four digits of the phone: 0019 is a customer already, 0008 is answered too late, others may
 * come. Of phones that come hashed, 13800000019 and 13800000008 are known; masked ones do not show their end.
 */
export async function answerPrecheck(deps: SandboxCoreDeps, json: unknown): Promise<CoreReply> {
  const parsed = precheckSchema.safeParse(json);
  if (!parsed.success) return bodyInvalid(parsed.error);
  const story = storyOf(parsed.data.subject.phone);
  if (story === 'silent') await deps.sleep(deps.lender.precheck.timeout_ms + BEYOND_MS);
  const body =
    story === 'customer'
      ? { decision: 'refuse', reason: 'existing_customer', detail: 'registered' }
      : { decision: 'accept' };
  return { status: 200, body };
}

function storyOf(phone: z.output<typeof identifierSchema> | undefined): Story {
  if (phone === undefined) return 'stranger';
  if (typeof phone === 'string') return storyOfNumber(phone);
  const known = Object.values(phone).map((hash) => BY_HASH.get(hash));
  return known.find((story) => story !== undefined) ?? 'stranger';
}

function storyOfNumber(phone: string): Story {
  return BY_ENDING[phone.slice(-4)] ?? 'stranger';
}
