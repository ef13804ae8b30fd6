import { createHmac, type KeyObject } from 'node:crypto';

/** Query parameters that carry the signature itself; they are no parameters of the partner's. */
export const ENTRY_PARAMETERS: readonly string[] = ['exp', 'kid', 'sig'];

/** What the signature of a link's address covers. */
export interface EntryContent {
  /** Code of the link. */
  readonly code: string;
  readonly keyId: string;
  /** Epoch seconds until which the address is good. */
  readonly expires: string;
  /** Sub ids and parameters that go along, decoded, by name; what is empty is not among them. */
  readonly parameters: ReadonlyMap<string, string>;
}

/** First line of what is signed: no other signature of ours begins so. */
const VERSION_LINE = 'sluice-link-v1';

/**
 * The text that is signed for a link's address. The version, then a line `name:length:value` each for `code`, `exp`, `kid` and,
 * sorted by name, every parameter; `length` counts the bytes of the value in UTF-8, so that no value can pass for another line.
 * Lines end with LF.
 */
export function entryText({ code, keyId, expires, parameters }: EntryContent): string {
  const sorted = [...parameters].sort(([a], [b]) => (a < b ? -1 : 1));
  const lines = [['code', code], ['exp', expires], ['kid', keyId], ...sorted].map(
    ([name = '', value = '']) => `${name}:${Buffer.byteLength(value)}:${value}\n`,
  );
  return `${VERSION_LINE}\n${lines.join('')}`;
}

/** HMAC-SHA-256 over {@link entryText}, base64url without padding: 43 characters. */
export function entrySignature(key: KeyObject, content: EntryContent): string {
  return createHmac('sha256', key).update(entryText(content)).digest('base64url');
}
