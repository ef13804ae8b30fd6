import { resolve } from 'node:path';
import { type Command, Option } from 'commander';
import pc from 'picocolors';
import type { Environment } from '../registry/counterparty-set.ts';
import { type LoadResult, loadRegistry } from '../registry/load-registry.ts';
import type { Registry } from '../registry/registry.ts';
import type { RegistryProblem } from '../registry/registry-problem.ts';

interface CheckFlags {
  json?: boolean;
  env: Environment;
}

/** Adds `sluice partners check [DIR]`: validates counterparty files without starting; exit code 1 on an error. */
export function registerPartnersCommand(program: Command): void {
  const partners = program.command('partners').description('counterparty files');
  partners
    .command('check')
    .description('validate a directory of counterparty files without starting')
    .argument('[dir]', 'directory (default: SLUICE_PARTNERS, else ./partners)')
    .option('--json', 'print one JSON document instead of lines')
    .addOption(
      new Option('--env <environment>', 'rules that apply')
        .choices(['sandbox', 'live'])
        .default(process.env.SLUICE_ENV === 'live' ? 'live' : 'sandbox'),
    )
    .action(async (dir: string | undefined, flags: CheckFlags) => {
      const directory = resolve(dir ?? (process.env.SLUICE_PARTNERS || './partners'));
      // Secrets live on the servers, files in a repository: their absence here is worth a warning, not a failure.
      const result = await loadRegistry(directory, { environment: flags.env, requireSecrets: false });
      process.stdout.write(flags.json ? `${JSON.stringify(asJson(directory, result), null, 2)}\n` : asLines(result));
      if (!result.ok) process.exitCode = 1;
    });
}

function asJson(directory: string, result: LoadResult): unknown {
  const { ok, warnings } = result;
  if (!result.ok) return { ok, directory, problems: result.problems, warnings };
  return {
    ok,
    directory,
    revision: result.registry.revision,
    counts: countsOf(result.registry),
    problems: [],
    warnings,
  };
}

function asLines(result: LoadResult): string {
  const colours = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported);
  const lines = result.warnings.map((warning) => problemLine(warning, colours, `${colours.yellow('warning')}: `));
  if (!result.ok) {
    lines.push(...result.problems.map((problem) => problemLine(problem, colours)));
    lines.push(
      colours.red(`${quantity(result.problems.length, 'problem')}, ${quantity(result.warnings.length, 'warning')}`),
    );
  } else {
    const counts = Object.entries(countsOf(result.registry)).map(([what, count]) => `${count} ${what}`);
    const summary = `${counts.join(', ')}; ${quantity(result.warnings.length, 'warning')}; revision ${result.registry.revision}`;
    lines.push(`${colours.green('ok')}  ${summary}`);
  }
  return `${lines.join('\n')}\n`;
}

/** `file:line:column  path  what is wrong (what to do)` */
export function problemLine(problem: RegistryProblem, colours: Colours, mark = ''): string {
  const place = colours.bold(`${problem.file}:${problem.line}:${problem.column}`);
  const hint = problem.hint === undefined ? '' : colours.dim(` (${problem.hint})`);
  return [place, colours.cyan(problem.path || '-'), `${mark}${problem.message}${hint}`].join('  ');
}

type Colours = ReturnType<typeof pc.createColors>;

function countsOf(registry: Registry): Record<string, number> {
  return {
    traffic: registry.traffic.size,
    lenders: registry.lenders.size,
    products: registry.products.size,
    funders: registry.funders.size,
    links: registry.links.size,
    keys: registry.keys.size,
  };
}

function quantity(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
