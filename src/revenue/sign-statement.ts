import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Statement } from './statement.ts';

/** Makes a compact JWS (EdDSA, header with `kid`) over a payload; the keys stay with the caller. */
export type CompactJwsSigner = (payload: Uint8Array) => string;

/** The statement with its `jws`. */
export function signStatement(statement: Statement, sign: CompactJwsSigner): Statement & { readonly jws: string } {
  return { ...statement, jws: sign(statementPayload(statement)) };
}

/**
 * What is signed: the RFC 8785 form of the statement without `jws`, UTF-8. Lines that a file embeds beside the statement
 * are left out too: `lines_sha256` stands for them.
 */
export function statementPayload(statement: object): Uint8Array {
  const { jws: _jws, lines: _lines, ...signed } = statement as { jws?: unknown; lines?: unknown };
  const canonical = canonicalize(signed);
  if (canonical === undefined) throw new TypeError('a statement must be a JSON object');
  return new TextEncoder().encode(canonical);
}

/**
 * SHA-256 (hex) of what is signed but `ledger_head`: the entry that locks a statement carries it, and that entry's hash is
 * the `ledger_head`. So the chain covers every field of every statement.
 */
export function statementDigest(statement: Statement): string {
  const { ledger_head: _head, ...covered } = statement;
  return createHash('sha256').update(statementPayload(covered)).digest('hex');
}

/** Whether a compact JWS carries just this statement; says nothing of who signed it. */
export function isSignedAs(jws: string, statement: object): boolean {
  try {
    return Buffer.from(jws.split('.')[1] ?? '', 'base64url').equals(statementPayload(statement));
  } catch {
    // Texts that are no Unicode have no canonical form.
    return false;
  }
}
