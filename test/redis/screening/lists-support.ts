import { createTokenizer } from '../../../src/identity/token.ts';
import type { ListToken } from '../../../src/screening/lists/entry.ts';
import type { ListEntryInput, ListSubject } from '../../../src/screening/lists/entry-schema.ts';
import { ListStore } from '../../../src/screening/lists/list-store.ts';
import { entryTokens, type ListForms, parseListForms } from '../../../src/screening/lists/list-tokens.ts';
import { TestClock } from '../../support/intake.ts';
import type { TestRedis } from '../../support/redis.ts';

export const NOW = '2026-03-02T04:00:00.000Z';
export const TODAY = '2026-03-02';
export const tokenizer = createTokenizer(Buffer.alloc(32, 7));

export function formsOf(text: string): ListForms {
  const forms = parseListForms(text);
  if (forms === undefined) throw new Error(`not forms: ${text}`);
  return forms;
}

/** A store over a test's Redis, with a clock that the test may move. */
export function openLists(redis: TestRedis, forms = 'md5,sha256,sm3,phone_id'): { store: ListStore; clock: TestClock } {
  const clock = new TestClock(NOW);
  const { client, keys } = redis;
  return { store: new ListStore({ client, keys, tokenizer, clock, forms: formsOf(forms) }), clock };
}

export function entryOf(subject: ListSubject, more: Partial<ListEntryInput> = {}): ListEntryInput {
  return { subject, list: 'block', scope: 'funder:harbour', reason: 'overdue', ...more };
}

export function tokensOf(subject: ListSubject, forms = 'md5,sha256,sm3,phone_id'): readonly ListToken[] {
  const read = entryTokens(tokenizer, formsOf(forms), subject);
  if (!read.ok) throw new Error(read.faults.map(({ code }) => code).join());
  return read.tokens;
}
