import type { RedisClient } from '../redis/connection.ts';

const PAGE = 500;

/**
 * Whole numbers of a hash by field, of the fields that match a pattern. Read in pages, so that a large hash holds nobody up; a
 * field that a scan returns twice counts once.
 */
export async function scanHash(client: RedisClient, key: string, pattern: string): Promise<Map<string, bigint>> {
  const found = new Map<string, bigint>();
  let cursor = '0';
  do {
    const [next, page] = await client.hscan(key, cursor, 'MATCH', pattern, 'COUNT', PAGE);
    for (let at = 0; at < page.length; at += 2) found.set(page[at] ?? '', BigInt(page[at + 1] ?? 0));
    cursor = next;
  } while (cursor !== '0');
  return found;
}
