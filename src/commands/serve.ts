import cluster from 'node:cluster';
import type { Command } from 'commander';
import pc from 'picocolors';
import { type Config, readConfig } from '../config.ts';
import { type ReadyMessage, STOP_MESSAGE, startProcessGroup } from '../gateway/process-group.ts';
import { startGateway } from '../gateway.ts';
import { reportFault } from './report-fault.ts';
import { surviveRejections } from './survive-rejections.ts';

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
      surviveRejections(process, (line) => process.stderr.write(`${line}\n`));
      const starting = start(config);
      stopOnSignal(async () => (await starting).stop());
      const { publicUrl } = await starting.catch(leaveGroup);
      if (cluster.isWorker) {
        process.send?.({ ready: publicUrl } satisfies ReadyMessage);
        return;
      }
      process.stderr.write(`${pc.green('ready')} ${publicUrl} · docs ${publicUrl}/docs\n`);
      if (config.adminTokenIsNew) {
        process.stderr.write(
          `operator token (shown once, kept in ${config.dataDir}/admin-token): ${config.adminToken}\n`,
        );
      }
    });
}

/** The channel to its group would keep a process alive that has nothing to do. */
function leaveGroup(error: unknown): never {
  if (!cluster.isWorker) throw error;
  reportFault(error);
  process.exit(1);
}

function start(config: Config): Promise<{ readonly publicUrl: string; stop(): Promise<void> }> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  return config.process.count > 1 && cluster.isPrimary ? startProcessGroup(config, say) : startGateway(config, { say });
}

/**
 * Drains on the first signal, leaves at once on the second; a process of a group also when its group says so, which is no
 * signal, since a terminal's signal reaches both. Asked for before the start is over, so that a signal in its middle
 * leaves no Redis behind.
 */
export function stopOnSignal(stop: () => Promise<void>): void {
  let signals = 0;
  let stopping = false;
  const drain = (): void => {
    if (stopping) return;
    stopping = true;
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      signals += 1;
      if (signals > 1) process.exit(130);
      drain();
    });
  }
  process.on('message', (message) => {
    if (message === STOP_MESSAGE) drain();
  });
}
