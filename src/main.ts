import { Command } from 'commander';
import { reportFault } from './commands/report-fault.ts';

/** Commands by name; each is loaded when it is asked for, so that a small one need not wait for a large one's modules. */
const COMMANDS: Readonly<Record<string, (program: Command) => Promise<void>>> = {
  serve: async (program) => (await import('./commands/serve.ts')).registerServeCommand(program),
  demo: async (program) => (await import('./commands/demo.ts')).registerDemoCommand(program),
  partners: async (program) => (await import('./commands/partners.ts')).registerPartnersCommand(program),
  lists: async (program) => (await import('./commands/lists.ts')).registerListsCommand(program),
  terms: async (program) => (await import('./commands/terms.ts')).registerTermsCommand(program),
  ledger: async (program) => (await import('./commands/ledger.ts')).registerLedgerCommand(program),
  reconcile: async (program) => (await import('./commands/reconcile.ts')).registerReconcileCommand(program),
  applications: async (program) => (await import('./commands/applications.ts')).registerApplicationsCommand(program),
  audit: async (program) => (await import('./commands/audit.ts')).registerAuditCommand(program),
  operators: async (program) => (await import('./commands/operators.ts')).registerOperatorsCommand(program),
  sign: async (program) => (await import('./commands/sign.ts')).registerSignCommand(program),
  'sign-link': async (program) => (await import('./commands/sign-link.ts')).registerSignLinkCommand(program),
  verify: async (program) => (await import('./commands/verify.ts')).registerVerifyCommand(program),
  keys: async (program) => (await import('./commands/keys.ts')).registerKeysCommand(program),
  lender: async (program) => (await import('./commands/lender.ts')).registerLenderCommand(program),
  openapi: async (program) => (await import('./commands/openapi.ts')).registerOpenapiCommand(program),
};

const program = new Command('sluice')
  .description('Partner API gateway for loan marketplaces')
  .showHelpAfterError('(add --help for usage)');

try {
  const named = COMMANDS[process.argv[2] ?? ''];
  const wanted = named === undefined ? Object.values(COMMANDS) : [named];
  for (const register of wanted) await register(program);
  await program.parseAsync();
} catch (error) {
  reportFault(error);
}
