import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import { deriveKey } from '../../trust/derive-key.ts';
import { readTables } from './index-tables.ts';
import { type ListForms, listFormsText } from './list-tokens.ts';

/** Settings that what is stored was made with are not the ones in use; the message says what to do. */
export class ListSettingsError extends Error {
  override readonly name = 'ListSettingsError';
}

const FINGERPRINT_BYTES = 8;

/**
 * Compares what the tokens in this Redis were made with to what this process would make them with, and remembers it the
 * first time. With another secret nobody would be found any more; with another set of forms, some people would not.
 * @throws ListSettingsError
 */
export async function checkListSettings(
  client: RedisClient,
  keys: Keyspace,
  settings: { readonly rootSecret: Uint8Array; readonly forms: ListForms },
): Promise<void> {
  const meta = keys.meta();
  const fingerprint = deriveKey(settings.rootSecret, 'pepper/fingerprint', FINGERPRINT_BYTES).toString('hex');
  const forms = listFormsText(settings.forms);
  await Promise.all([client.hsetnx(meta, 'pepper', fingerprint), client.hsetnx(meta, 'list_forms', forms)]);
  const [storedPepper, storedForms] = await client.hmget(meta, 'pepper', 'list_forms');
  if (storedPepper !== fingerprint) {
    throw new ListSettingsError(
      'the identities in this Redis were made with another SLUICE_SECRET: nobody in it would be found. ' +
        'Set the secret that the gateway of this Redis runs with (or use its SLUICE_DATA, where a generated one lies).',
    );
  }
  if (storedForms === forms) return;
  const isEmpty = (await readTables(client, keys)).every(({ counts }) => counts.length === 0);
  if (!isEmpty) {
    throw new ListSettingsError(
      `the lists in this Redis are kept in ${storedForms}, but SLUICE_LIST_FORMS says ${forms}: entries would be found ` +
        `under some forms only. Set SLUICE_LIST_FORMS=${storedForms}, or import the lists anew into an empty Redis.`,
    );
  }
  await client.hset(meta, 'list_forms', forms);
}
