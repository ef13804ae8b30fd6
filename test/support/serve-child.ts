import { readConfig } from '../../src/config.ts';
import { startGateway } from '../../src/gateway.ts';

/** A gateway in a process of its own, for tests that kill it. Tells its address in one line on standard output. */
const gateway = await startGateway(readConfig(process.env), { say: () => undefined });
process.stdout.write(`ready ${gateway.url}\n`);
process.once('SIGTERM', () => void gateway.stop().then(() => process.exit(0)));
