import Table from 'cli-table3';
import { withLists } from './lists-redis.ts';

/** Prints how many entries there are. */
export async function runListsCount(flags: { readonly json?: boolean }): Promise<void> {
  const counts = await withLists(({ store }) => store.count());
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify(counts, null, 2)}\n`);
    return;
  }
  if (counts.length === 0) {
    process.stdout.write('no entries\n');
    return;
  }
  const style = { head: [], border: [] };
  const table = new Table({ head: ['scope', 'contributor', 'list', 'kind', 'form', 'entries'], style });
  for (const { scope, contributor, list, kind, form, entries } of counts) {
    table.push([scope, contributor, list, kind, form, { content: String(entries), hAlign: 'right' }]);
  }
  process.stdout.write(`${table.toString()}\n`);
}
