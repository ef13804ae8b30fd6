import { keyIdOf } from '../identity/seal.ts';
import { parseKeyRecord } from '../keys/key-record.ts';
import type { Keyring } from '../keys/keyring.ts';
import type { OutdatedText, SealedSource } from '../privacy/sealed-source.ts';

/** The secrets of counterparties in the keyring, as something that is re-sealed. Few: they are read at once. */
export function sealedKeyring(keyring: Keyring): SealedSource {
  const outdated = (activeId: string): OutdatedText[] =>
    [...keyring.current().entries].flatMap(([id, { record }]) => {
      const { sealed } = record;
      return sealed === undefined || keyIdOf(sealed) === activeId
        ? []
        : [{ aad: id, sealed, replace: replaceOf(id, sealed) }];
    });
  const replaceOf = (id: string, sealed: string) => async (next: string) => {
    const decision = await keyring.change(({ entries }) => {
      const record = parseKeyRecord(entries.get(id)?.json ?? '');
      const isSame = record !== undefined && record.sealed === sealed;
      return { ok: true as const, isSame, records: new Map(isSame ? [[id, { ...record, sealed: next }]] : []) };
    });
    return decision.isSame;
  };
  return {
    name: 'keyring',
    parts: 1,
    async countOutdated(_part, activeId) {
      await keyring.refresh();
      return outdated(activeId).length;
    },
    async *outdated(_part, activeId) {
      yield outdated(activeId);
    },
  };
}
