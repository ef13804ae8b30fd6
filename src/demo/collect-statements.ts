import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type VerifyStatementInput, verifyStatement } from '../revenue/verify-statement.ts';
import { PARTNERS, type PartnerId, REFERRER } from './cast-errands.ts';
import { DemoFault } from './demo-fault.ts';
import { readJson } from './http-exchange.ts';
import type { Players } from './send-applicants.ts';

/** A statement as far as the demo reads it; minor units. */
export const statementSchema = z.object({
  id: z.string(),
  contract: z.string(),
  period: z.object({ id: z.string() }),
  status: z.string(),
  currency: z.string(),
  opening: z.int(),
  accruals: z.int(),
  adjustments: z.int(),
  tax: z.int(),
  withheld: z.int(),
  closing: z.int(),
  lines_count: z.int(),
});
export type StatementSummary = z.output<typeof statementSchema>;

const balanceSchema = z.object({ data: z.array(z.object({ contract: z.string(), stated: z.int() })) });
const pageSchema = z.object({ data: z.array(statementSchema) });
const jwksSchema = z.object({ keys: z.array(z.looseObject({})) });

/** A statement as its partner received it, and what the offline verifier says of the file. */
export interface CheckedStatement {
  readonly partnerId: PartnerId;
  readonly statement: StatementSummary;
  /** What does not hold, in words; empty = verified. */
  readonly faults: readonly string[];
}

/**
 * Downloads every statement with its lines, as a file that can be handed on, and verifies the file with nothing but our
 * public keys; platforms download the lines as CSV too.
 * @param directory gets the files
 */
export async function collectStatements(players: Players, directory: string): Promise<CheckedStatement[]> {
  await mkdir(directory, { recursive: true });
  const jwks = await publicKeys(players);
  await writeFile(join(directory, 'jwks.json'), `${JSON.stringify(jwks, null, 2)}\n`);
  const checked: CheckedStatement[] = [];
  for (const partnerId of PARTNERS) {
    for (const statement of await statementsOf(players, partnerId)) {
      const name = join(directory, `${partnerId}-${statement.period.id}`);
      const file = await textOf(players, partnerId, `/statements/${statement.id}?include=lines`);
      await writeFile(`${name}.json`, file);
      const faults = faultsOf({ statement: JSON.parse(file), jwks });
      if (partnerId !== REFERRER) {
        const linesCsv = await textOf(players, partnerId, `/statements/${statement.id}/lines.csv`);
        await writeFile(`${name}.csv`, linesCsv);
        faults.push(...faultsOf({ statement: JSON.parse(file), jwks, linesCsv }));
      }
      checked.push({ partnerId, statement, faults });
    }
  }
  return checked;
}

/** What the ledger says is owed on locked statements, by contract; minor units. */
export async function statedBalances(players: Players, partnerId: PartnerId): Promise<ReadonlyMap<string, number>> {
  const path = '/balance';
  const { data } = balanceSchema.parse(JSON.parse(await textOf(players, partnerId, path)));
  return new Map(data.map(({ contract, stated }) => [contract, stated]));
}

/** Oldest period first. */
async function statementsOf(players: Players, partnerId: PartnerId): Promise<StatementSummary[]> {
  const { data } = pageSchema.parse(JSON.parse(await textOf(players, partnerId, '/statements')));
  return data.sort((a, b) => (a.period.id < b.period.id ? -1 : 1));
}

/** A platform reads its own books; for who has no API an operator does. */
function textOf({ platforms, operator }: Players, partnerId: PartnerId, path: string): Promise<string> {
  if (partnerId === REFERRER) return operator.getText(`/admin/v1/partners/${partnerId}${path}`);
  return platforms[partnerId].getText(`/v1${path}`);
}

async function publicKeys({ origin, visitors }: Players): Promise<VerifyStatementInput['jwks']> {
  const path = '/.well-known/jwks.json';
  const reply = await visitors.send(() => ({ method: 'GET', url: `${origin}${path}` }));
  const { keys } = readJson(`GET ${path}`, reply, [200], jwksSchema);
  if (keys.length === 0) throw new DemoFault(`${path} holds no key`);
  return { keys };
}

function faultsOf(input: VerifyStatementInput): string[] {
  return verifyStatement(input)
    .filter(({ ok }) => !ok)
    .map(({ check, detail }) => `${check}: ${detail}`);
}
