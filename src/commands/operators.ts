import Table from 'cli-table3';
import { type Command, Option } from 'commander';
import pc from 'picocolors';
import { OPERATOR_ROLES } from '../operators/operator.ts';
import { OperatorApi, type OperatorApiFlags, withOperatorApiOptions } from './operator-api.ts';

interface Operator {
  readonly name: string;
  readonly role: string;
  readonly status: string;
  readonly created_at: string;
  readonly created_by: string;
  readonly expires_at: string | null;
}
type OperatorWithToken = Operator & { readonly token: string };

/** Adds `sluice operators list|add|revoke|token`, on a running gateway's API. */
export function registerOperatorsCommand(program: Command): void {
  const operators = program.command('operators').description('operator accounts of a running gateway');
  withOperatorApiOptions(operators.command('list').description('list all accounts'))
    .option('--json', 'print one JSON document instead of a table')
    .action(async (flags: OperatorApiFlags & { json?: boolean }) => {
      const all: Operator[] = [];
      for await (const one of new OperatorApi(flags).list<Operator>('/admin/v1/operators')) all.push(one);
      process.stdout.write(flags.json === true ? `${JSON.stringify(all, null, 2)}\n` : asTable(all));
    });
  withOperatorApiOptions(operators.command('add').description('add an operator; prints the token, once'))
    .argument('<name>', 'lower-case, given once and never again')
    .addOption(
      new Option('--role <role>', 'what the operator may do').choices([...OPERATOR_ROLES]).makeOptionMandatory(),
    )
    .option('--expires <instant>', 'from then on the token is refused, e.g. 2027-01-01T00:00:00Z')
    .option('--reason <text>', 'for the audit log')
    .action(async (name: string, flags: OperatorApiFlags & { role: string; expires?: string; reason?: string }) => {
      const body = { name, role: flags.role, ...(flags.expires === undefined ? {} : { expires_at: flags.expires }) };
      const added = await new OperatorApi(flags).post<OperatorWithToken>('/admin/v1/operators', body, flags.reason);
      showToken(added, `${added.name} is added with the role ${added.role}.`);
    });
  withOperatorApiOptions(operators.command('revoke').description('refuse an operator’s token from now on, for ever'))
    .argument('<name>', 'the operator')
    .requiredOption('--reason <text>', 'for the audit log')
    .action(async (name: string, flags: OperatorApiFlags & { reason: string }) => {
      await new OperatorApi(flags).post(`${pathOf(name)}/revoke`, { reason: flags.reason });
      process.stdout.write(`${name} is revoked.\n`);
    });
  withOperatorApiOptions(operators.command('token').description('give an operator a new token; the old one ends'))
    .argument('<name>', 'the operator')
    .requiredOption('--reason <text>', 'for the audit log')
    .option('--expires <instant>', 'from then on the token is refused (default: as before)')
    .action(async (name: string, flags: OperatorApiFlags & { reason: string; expires?: string }) => {
      const expires = flags.expires === undefined ? {} : { expires_at: flags.expires };
      const api = new OperatorApi(flags);
      const given = await api.post<OperatorWithToken>(`${pathOf(name)}/token`, { reason: flags.reason, ...expires });
      showToken(given, `${given.name} has a new token; the old one is refused.`);
    });
}

function pathOf(name: string): string {
  return `/admin/v1/operators/${encodeURIComponent(name)}`;
}

/** The token alone on standard output, so that it can go straight into a file; the words beside it. */
function showToken({ token }: OperatorWithToken, words: string): void {
  process.stderr.write(`${words} The token is shown this once:\n`);
  process.stdout.write(`${token}\n`);
}

function asTable(all: readonly Operator[]): string {
  if (all.length === 0) return 'no operators besides the bootstrap\n';
  const colours = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported);
  const head = ['name', 'role', 'status', 'created', 'by', 'expires'];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const { name, role, status, created_at, created_by, expires_at } of all) {
    const shown = status === 'active' ? colours.green(status) : colours.dim(status);
    table.push([name, role, shown, created_at.slice(0, 10), created_by, expires_at?.slice(0, 10) ?? 'never']);
  }
  return `${table.toString()}\n`;
}
