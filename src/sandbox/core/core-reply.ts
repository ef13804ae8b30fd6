import { z } from 'zod';
import type { Clock } from '../../base/clock.ts';
import type { Lender } from '../../registry/schema/lender.ts';
import type { SandboxStore } from '../sandbox-store.ts';
import type { Asked } from '../story/book.ts';

/** What the core of a sandbox lender answers over HTTP. */
export interface CoreReply {
  readonly status: 200 | 202 | 404 | 409 | 422 | 504;
  readonly body: object;
}

export interface SandboxCoreDeps {
  readonly lender: Lender;
  readonly store: SandboxStore;
  readonly clock: Clock;
  /** Where its pages are seen: `http://127.0.0.1:<port>/cores/<lender>`. */
  readonly coreUrl: string;
  /** Waits in real time, ms. */
  readonly sleep: (ms: number) => Promise<void>;
}

/** One operation of the core: a question, or a message. */
export type CoreOperation = (deps: SandboxCoreDeps, json: unknown) => Promise<CoreReply>;

export const moneySchema = z.object({ amount: z.int().positive(), currency: z.string() });
export const askedFields = {
  amount: moneySchema,
  term: z.int().positive(),
  term_unit: z.enum(['month', 'day']),
  purpose: z.string().nullish(),
};
export const installmentsSchema = z.union([z.literal('all'), z.array(z.int().positive()).min(1).max(600)]);

export function readAsked(given: z.output<z.ZodObject<typeof askedFields>>): Asked {
  const { amount, term, term_unit, purpose = null } = given;
  return { amount: amount.amount, term, term_unit, purpose };
}

/** Names the fields, never their values: a body carries personal data. */
export function bodyInvalid(error: z.ZodError): CoreReply {
  const detail = error.issues.map((issue) => `/${issue.path.join('/')}: ${issue.code}`).join(', ');
  return { status: 422, body: { code: 'body_invalid', detail } };
}
