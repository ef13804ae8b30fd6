import type { Command } from 'commander';
import pc from 'picocolors';
import { readConfig } from '../config.ts';
import { type Gateway, startGateway } from '../gateway.ts';

/** A second signal during the drain means now. */
const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

export function registerServeCommand(program: Command): void {
  program
    .command('serve')
    .description('start the gateway (settings come from the environment; see README)')
    .option('-p, --port <port>', 'port to listen on, instead of PORT')
    .action(async (options: { port?: string }) => {
      const variables = options.port === undefined ? process.env : { ...process.env, PORT: options.port };
      const config = readConfig(variables);
      const gateway = await startGateway(config, { say: (line) => process.stderr.write(`${line}\n`) });
      process.stderr.write(`${pc.green('ready')} ${gateway.publicUrl} · docs ${gateway.publicUrl}/docs\n`);
      if (config.adminTokenIsNew) {
        process.stderr.write(
          `operator token (shown once, kept in ${config.dataDir}/admin-token): ${config.adminToken}\n`,
        );
      }
      stopOnSignal(gateway);
    });
}

/** Drains on the first signal, leaves at once on the second. */
export function stopOnSignal(gateway: Pick<Gateway, 'stop'>): void {
  let stopping = false;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (stopping) process.exit(130);
      stopping = true;
      gateway.stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
}
