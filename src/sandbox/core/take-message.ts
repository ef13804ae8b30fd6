import type { z } from 'zod';
import type { BookInput, SandboxAnswer, SandboxBook, Told } from '../story/book.ts';
import { BookPlay } from '../story/book-play.ts';
import { transmissionsOf } from '../story/transmissions.ts';
import { bodyInvalid, type CoreOperation, type CoreReply, type SandboxCoreDeps } from './core-reply.ts';

/** What every message about an application carries. */
export interface MessageFrame {
  readonly delivery_id: string;
  readonly application_id: string;
}

/** Somebody else was first this often in a row: something is wrong beyond ordinary contention. */
const CONFLICT_LIMIT = 50;
/** Messages that changed something for one applicant; a story stays short enough to be told again and again. */
const INPUTS_MAX = 500;

/** An operation that takes one kind of message. @param read what the message tells, without anything personal */
export function messageOperation<Message extends MessageFrame>(
  schema: z.ZodType<Message>,
  read: (message: Message) => Told,
): CoreOperation {
  return async (deps, json) => {
    const parsed = schema.safeParse(json);
    if (!parsed.success) return bodyInvalid(parsed.error);
    return takeTold(deps, parsed.data, read(parsed.data));
  };
}

/** Takes a message once: the same delivery again is answered the same, as a duplicate where it was accepted. */
async function takeTold(deps: SandboxCoreDeps, frame: MessageFrame, told: Told): Promise<CoreReply> {
  for (let attempt = 0; attempt < CONFLICT_LIMIT; attempt += 1) {
    const stored = await deps.store.read(frame.application_id);
    if (!stored) return { status: 404, body: { code: 'unknown_application' } };
    const { book } = stored;
    const known = answerGiven(book, frame.delivery_id);
    if (known) return { status: 200, body: known };
    const after = Math.max(stored.horizonMs + 1, book.accepted_ms, book.inputs.at(-1)?.at ?? 0);
    const atMs = Math.max(deps.clock.nowMs(), after);
    const input: BookInput = { at: atMs, delivery: frame.delivery_id, ...told };
    const { answer, keep } = new BookPlay(book).runUntil(atMs).take(input);
    if (!keep) return { status: 200, body: answer };
    if (book.inputs.length >= INPUTS_MAX) return { status: 422, body: { code: 'too_many_messages' } };
    const next: SandboxBook = { ...book, inputs: [...book.inputs, input] };
    const nextDueMs = transmissionsOf(next)[stored.sent]?.sendMs ?? null;
    if (await deps.store.write({ book: next, expected: stored.text, atMs, nextDueMs, figures: [] })) {
      return { status: 200, body: answer };
    }
  }
  return { status: 409, body: { code: 'busy' } };
}

function answerGiven(book: SandboxBook, deliveryId: string): SandboxAnswer | undefined {
  const input = book.inputs.find(({ delivery }) => delivery === deliveryId);
  if (!input) return undefined;
  const answer = new BookPlay(book).runUntil(input.at).answers.get(deliveryId);
  return answer?.result === 'accepted' ? { ...answer, result: 'duplicate' } : answer;
}
