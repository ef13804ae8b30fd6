import { rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import pc from 'picocolors';
import { REFERRER } from '../demo/cast-errands.ts';
import { DemoFault } from '../demo/demo-fault.ts';
import { createNarrator } from '../demo/narrator.ts';
import { DEMO_STEPS, runDemo } from '../demo/run-demo.ts';
import { type DemoGateway, startDemoGateway } from '../demo/start-demo-gateway.ts';
import { stopOnSignal } from './serve.ts';

interface DemoFlags {
  readonly once?: boolean;
  readonly applicants: number;
  readonly seed: string;
  readonly port?: number;
  readonly keepData?: boolean;
}

const APPLICANTS_DEFAULT = 300;
const APPLICANTS_MIN = 20;
const APPLICANTS_MAX = 5_000;
const PORT_MAX = 65_535;

/**
 * Adds `sluice demo`: the main job, from clicks and signed calls to verified statements, on a gateway with data of its own;
 * then it stays up. With `--once` it ends, with exit code 1 when not everything added up.
 */
export function registerDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('play partners, applicants and lenders through to closed, verified statements; then stay up')
    .option('--once', 'exit when done; exit code 1 when anything failed to verify')
    .option(
      '--applicants <n>',
      'how many applications',
      wholeNumber(APPLICANTS_MIN, APPLICANTS_MAX),
      APPLICANTS_DEFAULT,
    )
    .option('--seed <text>', 'the same seed gives the same people', 'demo')
    .option('--port <port>', 'port to listen on (default: PORT or 8787 if free)', wholeNumber(0, PORT_MAX))
    .option('--keep-data', 'with --once: leave the data folder')
    .action(demo);
}

async function demo(flags: DemoFlags): Promise<void> {
  const { once = false, keepData = false, seed, applicants } = flags;
  const narrator = createNarrator(process.stdout, DEMO_STEPS);
  narrator.step('Gateway, Redis, lenders');
  const starting = startDemoGateway({ once, port: flags.port, say: (line) => narrator.line(line) });
  let addsUp = false;
  const stop = async (): Promise<void> => {
    const { gateway, dataDir } = await starting;
    narrator.stop();
    await gateway.stop();
    if (once && !keepData) rmSync(dataDir, { recursive: true, force: true });
    // An interrupted run has shown nothing, a faulty one worse: neither may look like one that went well.
    if (!addsUp) throw new DemoFault('interrupted, or not everything added up');
  };
  stopOnSignal(stop);
  const started = await starting;
  const { gateway, config, registry, keys, dataDir } = started;
  narrator.done(gateway.publicUrl);
  const statementsDir = join(dataDir, 'statements');
  const settings = { origin: gateway.publicUrl, adminToken: config.adminToken, keys, registry, seed, applicants };
  const faults = await runDemo({ ...settings, statementsDir, narrator }).catch(async (error: unknown) => {
    await gateway.stop();
    narrator.line(`what there is to look into: ${relative('.', dataDir)}`);
    throw error;
  });
  addsUp = faults.length === 0;
  const colours = pc.createColors(narrator.isTerminal && pc.isColorSupported);
  for (const fault of faults) narrator.line(`${colours.red('failed')} ${fault}`);
  narrator.line(addsUp ? colours.green('Everything adds up.') : colours.red(`${faults.length} faults`));
  if (!addsUp) process.exitCode = 1;
  if (!once) {
    narrator.line(addresses(started));
    return;
  }
  if (addsUp) return stop();
  await gateway.stop();
  narrator.line(`what there is to look into: ${relative('.', dataDir)}`);
}

/** What there is to look at while it stays up. */
function addresses({ gateway, config, registry, dataDir }: DemoGateway): string {
  const { publicUrl } = gateway;
  const shown = relative('.', dataDir);
  const [link] = [...registry.links.values()].filter(({ partner }) => partner.id === REFERRER);
  const code = link?.link.code ?? '';
  const token = config.adminTokenIsNew ? join(shown, 'admin-token') : 'SLUICE_ADMIN_TOKEN';
  const statements = join(shown, 'statements');
  const rows = [
    ['public URL', publicUrl],
    ['docs', `${publicUrl}/docs`],
    ['a link', `${publicUrl}/r/${code}  (a click, then the hosted page; its code is 000000)`],
    ['hosted page', `${publicUrl}/apply/${code}`],
    ['operator token', token],
    ['data folder', shown],
    ['statements', `${statements}  (node src/sluice.mjs ledger verify FILE --jwks ${join(statements, 'jwks.json')})`],
  ];
  const lines = rows.map(([name = '', value = '']) => `  ${name.padEnd(15)} ${value}`);
  return `\nThe gateway stays up, with the sandbox clock where the months left it. Ctrl-C stops it.\n${lines.join('\n')}`;
}

function wholeNumber(min: number, max: number): (text: string) => number {
  return (text) => {
    const number = Number(text);
    if (/^\d+$/.test(text) && number >= min && number <= max) return number;
    throw new InvalidArgumentError(`must be a whole number from ${min} to ${max}`);
  };
}
