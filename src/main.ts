import { Command } from 'commander';
import { registerDemoCommand } from './commands/demo.ts';
import { registerLedgerCommand } from './commands/ledger.ts';
import { registerOpenapiCommand } from './commands/openapi.ts';
import { registerPartnersCommand } from './commands/partners.ts';
import { reportFault } from './commands/report-fault.ts';
import { registerServeCommand } from './commands/serve.ts';

const program = new Command('sluice')
  .description('Partner API gateway for loan marketplaces')
  .showHelpAfterError('(add --help for usage)')
  .helpCommand(true);

registerServeCommand(program);
registerDemoCommand(program);
registerPartnersCommand(program);
registerLedgerCommand(program);
registerOpenapiCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  reportFault(error);
}
