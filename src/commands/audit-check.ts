import { SingleBar } from 'cli-progress';
import pc from 'picocolors';
import { auditKey } from '../audit/audit-log.ts';
import { AuditReader } from '../audit/audit-reader.ts';
import { type AuditReport, type CheckAuditDeps, checkAudit } from '../audit/check-audit.ts';
import { readConfig } from '../config.ts';
import { connectRedis } from '../redis/connection.ts';
import { createKeyspace } from '../redis/keyspace.ts';
import { openCommandRedis } from './command-redis.ts';

/**
 * Checks the audit log in the Redis that the environment names, with the root secret, and prints the first damage.
 * @returns whether there is none
 * @throws ConfigError when the settings cannot be read
 */
export async function runAuditCheck(flags: {
  readonly expect?: CheckAuditDeps['expected'];
  readonly json?: boolean;
}): Promise<boolean> {
  const config = readConfig(process.env);
  const redis = await openCommandRedis(config);
  try {
    const client = await connectRedis({ url: redis.url });
    try {
      const reader = new AuditReader(client, createKeyspace(config.redisPrefix));
      const report = await withProgress({ reader, key: auditKey(config.rootSecret), expected: flags.expect ?? [] });
      process.stdout.write(flags.json === true ? `${JSON.stringify(report, null, 2)}\n` : asLines(report));
      return report.damage === null;
    } finally {
      client.disconnect();
    }
  } finally {
    await redis.close();
  }
}

async function withProgress(deps: CheckAuditDeps): Promise<AuditReport> {
  if (process.stderr.isTTY !== true) return checkAudit(deps);
  const bar = new SingleBar({ format: 'audit {bar} {value}/{total} entries', clearOnComplete: true });
  bar.start(1, 0);
  try {
    return await checkAudit({
      ...deps,
      progress: (done, total) => {
        bar.setTotal(total);
        bar.update(done);
      },
    });
  } finally {
    bar.stop();
  }
}

function asLines({ entries, head, unfinished, damage }: AuditReport): string {
  const colours = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported);
  const sizes = `${entries} entries hold, ${unfinished} acts unfinished`;
  if (damage === null) return `${colours.green('✓')} ${sizes}; head ${head.seq}:${head.hash}\n`;
  const { seq, fault, detail } = damage;
  return `${colours.red('✗')} entry ${seq}: ${colours.bold(fault)}: ${detail} (${sizes})\n`;
}
