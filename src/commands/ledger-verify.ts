import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import pc from 'picocolors';
import { z } from 'zod';
import { type StatementCheck, type VerifyStatementInput, verifyStatement } from '../revenue/verify-statement.ts';

const JWKS_TIMEOUT_MS = 10_000;
const jwksSchema = z.object({ keys: z.array(z.looseObject({})) });
type KeySet = VerifyStatementInput['jwks'];

/** A file that somebody hands on: the statement with its lines and keys beside it, or each under its name. */
interface StatementFile {
  readonly statement: unknown;
  readonly jwks: KeySet | undefined;
}

/**
 * Checks a statement file and prints every check.
 * @returns whether all of them hold; a file that cannot be read is one that does not
 */
export async function runLedgerVerify(
  path: string,
  flags: { readonly lines?: string; readonly jwks?: string },
): Promise<boolean> {
  const colours = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported);
  const say = (line: string) => process.stdout.write(`${line}\n`);
  try {
    const file = readStatementFile(await readText(path));
    const linesCsv = flags.lines === undefined ? undefined : await readText(flags.lines);
    const jwks = flags.jwks === undefined ? file.jwks : await loadKeys(flags.jwks);
    if (jwks === undefined) throw new Error('no keys: give --jwks FILE or URL (/.well-known/jwks.json of the gateway)');
    if (flags.jwks === undefined) {
      say(colours.yellow('! keys are those in the file: this shows that nothing was altered, not who signed it'));
    }
    const checks = verifyStatement({
      statement: file.statement,
      jwks,
      ...(linesCsv === undefined ? {} : { linesCsv }),
    });
    for (const check of checks) say(checkLine(check, colours));
    const isSound = checks.every(({ ok }) => ok);
    say(isSound ? colours.green('the statement holds') : colours.red('the statement does not hold'));
    return isSound;
  } catch (error) {
    say(`${colours.red('✗')} ${error instanceof Error ? error.message : String(error)}`);
    return false;
  }
}

function checkLine({ check, ok, detail }: StatementCheck, colours: ReturnType<typeof pc.createColors>): string {
  return `${ok ? colours.green('✓') : colours.red('✗')} ${check.padEnd(17)} ${colours.dim(detail)}`;
}

/** Takes the keys (and a statement under its own name) apart from what was signed. */
function readStatementFile(json: string): StatementFile {
  const parsed: unknown = JSON.parse(json);
  if (typeof parsed !== 'object' || parsed === null) throw new Error('the statement file holds no JSON object');
  const { jwks, ...rest } = parsed as { jwks?: unknown; statement?: unknown; lines?: unknown };
  const keys = jwks === undefined ? undefined : asKeySet(jwks);
  if (typeof rest.statement !== 'object' || rest.statement === null) return { statement: rest, jwks: keys };
  const { statement, lines } = rest;
  return { statement: lines === undefined ? statement : { ...statement, lines }, jwks: keys };
}

async function loadKeys(source: string): Promise<KeySet> {
  if (!/^https?:\/\//.test(source)) return asKeySet(JSON.parse(await readText(source)));
  const response = await fetch(source, { signal: AbortSignal.timeout(JWKS_TIMEOUT_MS) });
  if (!response.ok) throw new Error(`${source} answered ${response.status}`);
  return asKeySet(await response.json());
}

function asKeySet(value: unknown): KeySet {
  const parsed = jwksSchema.safeParse(value);
  if (!parsed.success) throw new Error('the keys are no JSON Web Key Set: { "keys": [ … ] } (RFC 7517)');
  return parsed.data as KeySet;
}

function readText(path: string): Promise<string> {
  return path === '-' ? text(process.stdin) : readFile(path, 'utf8');
}
