import type { Command } from 'commander';
import pc from 'picocolors';
import { readConfig } from '../config.ts';
import { startGateway } from '../gateway.ts';

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
      const starting = startGateway(config, { say: (line) => process.stderr.write(`${line}\n`) });
      stopOnSignal(async () => (await starting).stop());
      const gateway = await starting;
      process.stderr.write(`${pc.green('ready')} ${gateway.publicUrl} · docs ${gateway.publicUrl}/docs\n`);
      if (config.adminTokenIsNew) {
        process.stderr.write(
          `operator token (shown once, kept in ${config.dataDir}/admin-token): ${config.adminToken}\n`,
        );
      }
    });
}

/**
 * Drains on the first signal, leaves at once on the second. Asked for before the start is over, so that a signal in its
 * middle leaves no Redis behind.
 */
export function stopOnSignal(stop: () => Promise<void>): void {
  let stopping = false;
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (stopping) process.exit(130);
      stopping = true;
      stop().then(
        () => process.exit(0),
        () => process.exit(1),
      );
    });
  }
}
