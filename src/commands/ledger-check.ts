import { SingleBar } from 'cli-progress';
import pc from 'picocolors';
import { type CheckLedgerDeps, checkLedger, type LedgerReport } from '../revenue/check-ledger.ts';
import { publicKeySet } from '../trust/our-keys.ts';
import { OurKeysRing } from '../trust/our-keys-ring.ts';
import { OurKeysStore } from '../trust/our-keys-store.ts';
import { registryOf, withLedgers } from './ledger-room.ts';

/**
 * Replays the ledgers in the Redis that the environment names and prints what differs.
 * @returns whether nothing does
 * @throws ConfigError when the settings or the counterparty files cannot be read
 */
export async function runLedgerCheck(flags: { readonly partner?: string; readonly json?: boolean }): Promise<boolean> {
  return withLedgers(async ({ config, store, periods, client, keys }) => {
    const parties = flags.partner === undefined ? (await registryOf(config)).ledgerParties : [flags.partner];
    const ourKeys = await OurKeysRing.open({
      store: new OurKeysStore(client, keys),
      rootSecret: config.rootSecret,
    });
    const deps = { store, periods, jwks: publicKeySet(ourKeys.published()) };
    const reports: LedgerReport[] = [];
    for (const partnerId of parties) reports.push(await withProgress(partnerId, deps));
    process.stdout.write(flags.json === true ? `${JSON.stringify(reports, null, 2)}\n` : asLines(reports));
    return reports.every(({ differencesTotal }) => differencesTotal === 0);
  });
}

/** A bar on a terminal, and nothing elsewhere: the lines of the report must stay readable by programs. */
async function withProgress(partnerId: string, deps: CheckLedgerDeps): Promise<LedgerReport> {
  if (process.stderr.isTTY !== true) return checkLedger(deps, partnerId);
  const bar = new SingleBar({ format: `${partnerId} {bar} {value}/{total} entries`, clearOnComplete: true });
  const { head } = await deps.store.readBook(partnerId);
  bar.start(head.seq, 0);
  try {
    return await checkLedger({ ...deps, progress: (done) => bar.update(done) }, partnerId);
  } finally {
    bar.stop();
  }
}

function asLines(reports: readonly LedgerReport[]): string {
  const colours = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported);
  const lines = reports.flatMap((report) => {
    const { partnerId, entries, lines: count, statements, differences, differencesTotal } = report;
    const sizes = `${entries} entries, ${count} lines, ${statements} statements`;
    if (differencesTotal === 0) return [`${colours.green('✓')} ${partnerId}  ${colours.dim(sizes)}`];
    const more = differencesTotal - differences.length;
    return [
      `${colours.red('✗')} ${partnerId}  ${sizes}, ${differencesTotal} differences`,
      ...differences.map(({ what, where, detail }) => `    ${what} ${colours.bold(where)}: ${detail}`),
      ...(more > 0 ? [`    … and ${more} more`] : []),
    ];
  });
  return lines.length === 0 ? 'no partners\n' : `${lines.join('\n')}\n`;
}
