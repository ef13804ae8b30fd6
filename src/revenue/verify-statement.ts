import { createPublicKey, type JsonWebKey, verify } from 'node:crypto';
import { checkIdentities } from './check-identities.ts';
import { sumLines } from './line-sums.ts';
import { parseStatementLinesCsv } from './parse-statement-lines-csv.ts';
import { isSignedAs } from './sign-statement.ts';
import type { Statement } from './statement.ts';
import { compareStatementLines, type StatementLine } from './statement-line.ts';
import { linesSha256, renderStatementLinesCsv } from './statement-lines-csv.ts';
import { isStatement, isStatementLines } from './statement-shape.ts';

/** One thing that was checked, with what was found in words. */
export interface StatementCheck {
  readonly check: StatementCheckName;
  readonly ok: boolean;
  readonly detail: string;
}

export type StatementCheckName =
  | 'shape'
  | 'signature'
  | 'payload'
  | 'closing_identity'
  | 'pending_identity'
  | 'lines_present'
  | 'lines_count'
  | 'lines_sha256'
  | 'lines_total'
  | 'lines_order'
  | 'lines_currency';

/** A statement file as received, unchecked. */
export interface VerifyStatementInput {
  /** The statement's JSON; may embed `lines: [...]`. */
  readonly statement: unknown;
  /** The CSV file, exactly as downloaded. Comes before `lines`, which come before embedded ones. */
  readonly linesCsv?: string;
  readonly lines?: readonly StatementLine[];
  readonly jwks: { readonly keys: readonly JsonWebKey[] };
}

/**
 * Checks a statement offline, with nothing but the file and the public keys. Never throws on what it is given: whatever
 * is wrong is a failed check. The statement holds when every check is ok.
 */
export function verifyStatement(input: VerifyStatementInput): StatementCheck[] {
  const { statement } = input;
  if (!isStatement(statement)) {
    return [check('shape', false, 'not a statement: a field is missing or of the wrong type')];
  }
  return [
    check('shape', true, `statement ${statement.id}, period ${statement.period.id}, revision ${statement.revision}`),
    ...checkSignature(statement, input.jwks.keys),
    ...checkSums(statement),
    ...checkLines(statement, input),
  ];
}

/** Whether one of these keys signed the statement: `unknown` when its signature names none of them. */
export function signatureOf(statement: Statement, keys: readonly JsonWebKey[]): 'good' | 'bad' | 'unknown' {
  const kid = signingKeyId(statement.jws?.split('.')[0] ?? '');
  if (kid !== null && !keys.some((jwk) => jwk.kid === kid)) return 'unknown';
  return checkSignature(statement, keys).every(({ ok }) => ok) ? 'good' : 'bad';
}

function checkSignature(statement: Statement, keys: readonly JsonWebKey[]): StatementCheck[] {
  const [header, payload, signature, ...more] = (statement.jws ?? '').split('.');
  if (!header || !payload || !signature || more.length > 0) {
    return [check('signature', false, 'jws is not a compact JWS'), check('payload', false, 'nothing was signed')];
  }
  const kid = signingKeyId(header);
  const key = kid === null ? undefined : keys.find((jwk) => verifiesWith(jwk, kid, `${header}.${payload}`, signature));
  const signed = isSignedAs(statement.jws ?? '', statement);
  return [
    check(
      'signature',
      key !== undefined,
      key === undefined ? 'no given key made it' : `made by key ${kid || 'without id'}`,
    ),
    check('payload', signed, signed ? 'what was signed is this statement' : 'what was signed is not this statement'),
  ];
}

/** `kid` of an EdDSA header ("" without one); null for other algorithms and for extensions that we would not obey. */
function signingKeyId(header: string): string | null {
  try {
    const fields: unknown = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'));
    if (typeof fields !== 'object' || fields === null) return null;
    const { alg, kid, crit, b64 } = fields as Record<string, unknown>;
    if (alg !== 'EdDSA' || crit !== undefined || b64 !== undefined) return null;
    return typeof kid === 'string' ? kid : '';
  } catch {
    return null;
  }
}

function verifiesWith(jwk: JsonWebKey, kid: string, signingInput: string, signature: string): boolean {
  if (jwk.kty !== 'OKP' || jwk.crv !== 'Ed25519') return false;
  if (kid !== '' && jwk.kid !== undefined && jwk.kid !== kid) return false;
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    return verify(null, Buffer.from(signingInput), key, Buffer.from(signature, 'base64url'));
  } catch {
    return false;
  }
}

function checkSums(statement: Statement): StatementCheck[] {
  const violated = new Set(checkIdentities(statement).map(({ identity }) => identity));
  return [
    check(
      'closing_identity',
      !violated.has('closing'),
      `${statement.opening} + ${statement.accruals} + ${statement.adjustments} + ${statement.tax} - ` +
        `${statement.withheld} - ${statement.payments} = ${statement.closing}`,
    ),
    check(
      'pending_identity',
      !violated.has('pending_closing'),
      `${statement.pending.opening} + ${statement.pending.added} - ${statement.pending.released} - ` +
        `${statement.pending.voided} = ${statement.pending.closing}`,
    ),
  ];
}

function checkLines(statement: Statement, input: VerifyStatementInput): StatementCheck[] {
  const given = linesGiven(input);
  if (given.result === 'missing') return [check('lines_present', false, given.problem)];
  const { lines, csv } = given;
  const identities = checkIdentities(statement, { lines: sumLines(lines) });
  const sums = identities.filter(({ identity }) => ['lines_total', 'accruals', 'adjustments'].includes(identity));
  const sha256 = linesSha256(csv);
  const misplaced = lines.findIndex((line, index) => {
    const before = lines[index - 1];
    return before !== undefined && compareStatementLines(before, line) >= 0;
  });
  const foreign = lines.findIndex(
    (line) => line.currency !== statement.currency || line.period !== statement.period.id,
  );
  return [
    check('lines_present', true, `${lines.length} lines`),
    check('lines_count', lines.length === statement.lines_count, `${lines.length} of ${statement.lines_count}`),
    check('lines_sha256', sha256 === statement.lines_sha256, `${sha256}, stated ${statement.lines_sha256}`),
    check(
      'lines_total',
      sums.length === 0,
      sums.map((sum) => `${sum.identity}: lines say ${sum.expected}, statement ${sum.found}`).join('; ') ||
        `lines sum to ${BigInt(statement.accruals) + BigInt(statement.adjustments)}`,
    ),
    check(
      'lines_order',
      misplaced < 0,
      misplaced < 0 ? 'by payable_at, then id' : `line ${misplaced + 1} is out of order`,
    ),
    check(
      'lines_currency',
      foreign < 0,
      foreign < 0
        ? `all ${statement.currency}, period ${statement.period.id}`
        : `line ${foreign + 1} is not of this statement`,
    ),
  ];
}

type LinesGiven =
  | { readonly result: 'given'; readonly lines: readonly StatementLine[]; readonly csv: string }
  | { readonly result: 'missing'; readonly problem: string };

function linesGiven(input: VerifyStatementInput): LinesGiven {
  if (input.linesCsv !== undefined) {
    const parsed = parseStatementLinesCsv(input.linesCsv);
    if (parsed.result === 'parsed') return { result: 'given', lines: parsed.lines, csv: input.linesCsv };
    return { result: 'missing', problem: `the CSV cannot be read, row ${parsed.row}: ${parsed.problem}` };
  }
  const lines: unknown = input.lines ?? (input.statement as { lines?: unknown }).lines;
  if (lines === undefined) return { result: 'missing', problem: 'neither a CSV nor embedded lines were given' };
  if (!isStatementLines(lines))
    return { result: 'missing', problem: 'a line lacks a column or has one of a wrong type' };
  return { result: 'given', lines, csv: renderStatementLinesCsv(lines) };
}

function check(name: StatementCheckName, ok: boolean, detail: string): StatementCheck {
  return { check: name, ok, detail };
}
