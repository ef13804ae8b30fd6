import { createPublicKey } from 'node:crypto';
import { text as readText } from 'node:stream/consumers';
import { readNamedFile, UsageError } from './usage-error.ts';

/** Members of a public JWK; the rest of a file stays on this machine. */
const PUBLIC_MEMBERS = ['kty', 'crv', 'x', 'y', 'n', 'e'] as const;

/**
 * A public key of a file, as the operator API takes it. A private key is refused: it has no place on another machine.
 * @param path JWK or PEM; `-` = standard input
 * @throws UsageError
 */
export async function readPublicKey(path: string): Promise<{ jwk: Record<string, unknown> } | { pem: string }> {
  const text = (path === '-' ? await readText(process.stdin) : (await readNamedFile(path)).toString('utf8')).trim();
  if (!text.startsWith('{')) return { pem: publicPem(path, text) };
  const jwk = parseObject(path, text);
  if ('d' in jwk || 'k' in jwk) throw isPrivate(path);
  return { jwk: Object.fromEntries(PUBLIC_MEMBERS.flatMap((name) => (name in jwk ? [[name, jwk[name]]] : []))) };
}

function publicPem(path: string, text: string): string {
  if (text.includes('PRIVATE KEY')) throw isPrivate(path);
  try {
    return createPublicKey(text).export({ format: 'pem', type: 'spki' }).toString();
  } catch {
    throw new UsageError(`${path} holds no public key, neither JWK nor PEM`);
  }
}

function parseObject(path: string, text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new UsageError(`${path} is no JSON`);
  }
}

function isPrivate(path: string): UsageError {
  return new UsageError(`${path} holds a private key or a secret; give the file of its public half`);
}
