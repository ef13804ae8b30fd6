import type { z } from '@hono/zod-openapi';
import { type Parsed, parseBody } from '../../http/parse-body.ts';
import { addLogFields, type DoorContext, requestOf } from '../../http/request-context.ts';
import type { Contributor, ListScope } from '../../screening/lists/entry.ts';
import type { EntryFault } from '../../screening/lists/entry-rules.ts';
import type { ListStore } from '../../screening/lists/list-store.ts';
import type { EntryResult } from '../../screening/lists/upsert-entries.ts';
import { entryInputSchema, entryNameSchema, type entryResultsSchema } from './entry-schema.ts';

/** Whose request it is, and what it may touch. */
export interface ListWriter {
  readonly contributor: Contributor;
  /** Scopes that it may write; `all` = every one. */
  readonly scopes: readonly ListScope[] | 'all';
  /** Taken for entries that name none. */
  readonly ownScope?: ListScope;
  /** Entries are kept with their history also when they say no more than the index holds. */
  readonly keepDetails?: boolean;
}

export interface BulkDeps {
  readonly lists: ListStore;
  readonly env: 'sandbox' | 'live';
}

export type EntryResults = z.output<typeof entryResultsSchema>;

/** Contributes entries, each judged by itself; results in their order. */
export async function contributeEntries<P>(
  c: DoorContext<P>,
  { lists, env }: BulkDeps,
  writer: ListWriter,
  items: readonly unknown[],
): Promise<EntryResults> {
  const { contributor, keepDetails = false } = writer;
  return inBulk(
    c,
    items,
    (item, at) => readItem(c, entryInputSchema, { item, at, env }, writer),
    (entries) => lists.upsert(entries, { contributor, keepDetails }),
  );
}

/** Takes entries off that this contributor has put there, each judged by itself; results in their order. */
export async function withdrawEntriesOf<P>(
  c: DoorContext<P>,
  { lists, env }: BulkDeps,
  writer: ListWriter,
  items: readonly unknown[],
): Promise<EntryResults> {
  const { contributor } = writer;
  return inBulk(
    c,
    items,
    (item, at) => readItem(c, entryNameSchema, { item, at, env }, writer),
    (entries) => lists.withdraw(entries, { contributor }),
  );
}

/** How often each result was given: for the log and the audit log. */
export function countResults({ results }: EntryResults): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { result } of results) counts[result] = (counts[result] ?? 0) + 1;
  return counts;
}

export type ReadItem<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly faults: readonly EntryFault[] };

/** Validates one item of a request: an unknown field is a fault of that item in sandbox, and told of in live. */
export function parseItem<P, S extends z.ZodType>(
  c: DoorContext<P>,
  schema: S,
  { item, at, env, field }: { item: unknown; at: number; env: 'sandbox' | 'live'; field: string },
): ReadItem<z.output<S>> {
  const parsed: Parsed<z.output<S>> = parseBody(schema, item, env);
  if (!parsed.ok) return { ok: false, faults: parsed.errors };
  if (parsed.unknownFields !== undefined) {
    const context = requestOf(c);
    const named = parsed.unknownFields.map((pointer) => `/${field}/${at}${pointer}`);
    context.unknownFields = [...(context.unknownFields ?? []), ...named];
  }
  return { ok: true, value: parsed.value };
}

/** An item that was rejected, as it is answered. */
export function faultsOf(faults: readonly EntryFault[]): { code: string; errors: EntryFault[] } {
  return {
    code: faults[0]?.code ?? 'invalid',
    errors: faults.map(({ pointer, code, message }) => ({ pointer, code, message })),
  };
}

function readItem<P, S extends z.ZodType<{ readonly scope: ListScope }>>(
  c: DoorContext<P>,
  schema: S,
  { item, at, env }: { item: unknown; at: number; env: 'sandbox' | 'live' },
  { scopes, ownScope }: ListWriter,
): ReadItem<z.output<S>> {
  const given = ownScope !== undefined && isObject(item) && !('scope' in item) ? { ...item, scope: ownScope } : item;
  const read = parseItem(c, schema, { item: given, at, env, field: 'entries' });
  if (!read.ok || scopes === 'all' || scopes.includes(read.value.scope)) return read;
  const message = `is not yours to write; you write ${scopes.join(', ')}`;
  return { ok: false, faults: [{ pointer: '/scope', code: 'scope_not_yours', message }] };
}

async function inBulk<P, Entry>(
  c: DoorContext<P>,
  items: readonly unknown[],
  read: (item: unknown, at: number) => ReadItem<Entry>,
  act: (entries: readonly Entry[]) => Promise<readonly EntryResult[]>,
): Promise<EntryResults> {
  const readItems = items.map(read);
  const good = readItems.flatMap((item) => (item.ok ? [item.value] : []));
  const done = good.length === 0 ? [] : [...(await act(good))];
  const results = readItems.map((item): EntryResults['results'][number] => {
    if (!item.ok) return { id: null, result: 'rejected', ...faultsOf(item.faults) };
    const result = done.shift();
    if (result === undefined) throw new Error('an entry has no result');
    if (result.result === 'rejected') return { id: null, result: 'rejected', ...faultsOf(result.faults) };
    return { id: result.id, result: result.result };
  });
  addLogFields(c, { entries: items.length, ...countResults({ results }) });
  return { results };
}

function isObject(item: unknown): item is Record<string, unknown> {
  return typeof item === 'object' && item !== null && !Array.isArray(item);
}
