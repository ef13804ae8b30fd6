import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyAlgorithm } from '../trust/key-algorithm.ts';
import { UsageError } from './usage-error.ts';

export interface GeneratedKey {
  /** Readable for its owner alone. */
  readonly privateFile: string;
  readonly publicFile: string;
  /** YAML for `partner.yaml` or `lender.yaml`. */
  readonly snippet: string;
}

/** NIST SP 800-57: 128 bits of security, for keys that are used for years. */
const RSA_BITS = 3_072;
const KEY_ID = /^[A-Za-z0-9][A-Za-z0-9._:|@-]{0,127}$/;

/** JWA names (RFC 7518, RFC 8037). */
const JOSE_NAMES: Readonly<Partial<Record<KeyAlgorithm, string>>> = {
  ed25519: 'EdDSA',
  'ecdsa-p256-sha256': 'ES256',
  'rsa-pss-sha512': 'PS512',
  'rsa-v1_5-sha256': 'RS256',
};

/**
 * Makes a key pair and writes both halves as `<id>.private.<format>` and `<id>.public.<format>`.
 * @throws UsageError when a file is there already: a private key is never overwritten
 */
export function generateKeyFiles(options: {
  readonly alg: KeyAlgorithm;
  readonly id: string;
  readonly format: 'jwk' | 'pem';
  readonly out: string;
}): GeneratedKey {
  const { alg, id, format, out } = options;
  if (!KEY_ID.test(id))
    throw new UsageError('--id must be 1–128 letters, digits or . _ : | @ -, a letter or digit first');
  const { privateKey, publicKey } = keyPair(alg);
  const name = join(out, id.replaceAll(/[:|@]/g, '_'));
  const [privateFile, publicFile] = [`${name}.private.${format}`, `${name}.public.${format}`];
  mkdirSync(out, { recursive: true });
  write(privateFile, textOf(privateKey, format, { kid: id, alg: JOSE_NAMES[alg], use: 'sig' }), 0o600);
  write(publicFile, textOf(publicKey, format, { kid: id, alg: JOSE_NAMES[alg], use: 'sig' }), 0o644);
  const members = Object.entries(publicKey.export({ format: 'jwk' })).map(
    ([key, value]) => `${key}: ${yamlText(value)}`,
  );
  return {
    privateFile,
    publicFile,
    snippet: `keys:\n  - { id: ${JSON.stringify(id)}, alg: ${alg}, jwk: { ${members.join(', ')} } }\n`,
  };
}

function keyPair(alg: KeyAlgorithm): { privateKey: KeyObject; publicKey: KeyObject } {
  if (alg === 'ed25519') return generateKeyPairSync('ed25519');
  if (alg === 'ecdsa-p256-sha256') return generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return generateKeyPairSync('rsa', { modulusLength: RSA_BITS });
}

function textOf(key: KeyObject, format: 'jwk' | 'pem', more: Readonly<Record<string, unknown>>): string {
  if (format === 'jwk') return `${JSON.stringify({ ...more, ...key.export({ format: 'jwk' }) }, null, 2)}\n`;
  return key.export({ format: 'pem', type: key.type === 'private' ? 'pkcs8' : 'spki' }).toString();
}

function write(file: string, text: string, mode: number): void {
  try {
    writeFileSync(file, text, { mode, flag: 'wx' });
  } catch (error) {
    const isThere = error instanceof Error && 'code' in error && error.code === 'EEXIST';
    throw isThere ? new UsageError(`${file} is there already; choose another --id or --out`) : error;
  }
}

/** JSON strings are YAML strings; the short words of a JWK need no quotes. */
function yamlText(value: unknown): string {
  const text = String(value);
  return /^[A-Za-z][A-Za-z0-9-]{0,7}$/.test(text) ? text : JSON.stringify(text);
}
