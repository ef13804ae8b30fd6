import { createHash } from 'node:crypto';
import { type BodyVariant, bodyVariants } from './json-serialisations.ts';

export type DigestMistake = { readonly mistake: string; readonly hint: string };

/** `sha-256=:…:` and what people write instead of it. */
const LOOSE_MEMBER = /(?:^|,)\s*(sha-?256|sha-?512|[A-Za-z0-9-]+)\s*=\s*([:"']?)([A-Za-z0-9+/_-]+={0,2})\2/gi;
const HASHES = ['sha256', 'sha512', 'sha1', 'md5'] as const;
const NAMES: Readonly<Record<string, string>> = { sha256: 'sha-256', sha512: 'sha-512' };

/**
 * Which of the usual mistakes a wrong `Content-Digest` comes from; undefined when it is none of them.
 * @param value of the field as sent
 */
export function digestMistake(value: string, body: Uint8Array): DigestMistake | undefined {
  const members = [...value.matchAll(LOOSE_MEMBER)].map(([, name = '', mark = '', text = '']) => ({
    name,
    mark,
    text,
  }));
  const bodies = [{ bytes: Buffer.from(body), what: '' }, ...bodyVariants(body)];
  for (const member of members) {
    for (const variant of bodies) {
      const found = mistakeOf(member, variant);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function mistakeOf(
  { name, mark, text }: { name: string; mark: string; text: string },
  { bytes, what }: BodyVariant,
): DigestMistake | undefined {
  for (const hash of HASHES) {
    const digest = createHash(hash).update(bytes).digest();
    const spelling = spellingOf(text, digest);
    if (spelling === undefined) continue;
    if (what !== '') {
      const hint = `Content-Digest is that of ${what}; serialise once, hash those bytes and send the same bytes.`;
      return { mistake: 'digest_of_other_body', hint };
    }
    if (hash === 'sha1' || hash === 'md5') {
      return { mistake: 'digest_algorithm', hint: `The digest is a ${hash} hash; use sha-256 or sha-512.` };
    }
    if (NAMES[hash] !== name) {
      return {
        mistake: 'digest_algorithm',
        hint: `The digest is a ${NAMES[hash]} hash under the name ${name}; write ${NAMES[hash]}=:…: (lower case).`,
      };
    }
    if (spelling !== 'base64') {
      const hint = `The digest is written in ${spelling}; write its 32 or 64 bytes in base64 with padding, between colons.`;
      return { mistake: spelling === 'base64url' ? 'digest_base64url' : 'digest_hex', hint };
    }
    if (mark !== ':') {
      return { mistake: 'digest_not_between_colons', hint: `Write the digest between colons: ${name}=:${text}:` };
    }
  }
  return undefined;
}

function spellingOf(text: string, digest: Buffer): 'base64' | 'base64url' | 'hex' | 'hex in base64' | undefined {
  const hex = digest.toString('hex');
  if (text === digest.toString('base64')) return 'base64';
  if (text.replace(/=+$/, '') === digest.toString('base64url')) return 'base64url';
  if (text.toLowerCase() === hex) return 'hex';
  if (Buffer.from(text, 'base64').toString('latin1').toLowerCase() === hex) return 'hex in base64';
  return undefined;
}
