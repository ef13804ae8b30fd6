import { AuditLog } from '../../src/audit/audit-log.ts';
import { auditedAct } from '../../src/audit/audited-act.ts';
import { connectRedis } from '../../src/redis/connection.ts';
import { createKeyspace } from '../../src/redis/keyspace.ts';

/** A process that is killed in the middle of an audited act. Arguments: URL of Redis, prefix of its keys, root secret. */
const [url = '', prefix = '', root = ''] = process.argv.slice(2);
const client = await connectRedis({ url });
const audit = new AuditLog({ client, keys: createKeyspace(prefix), rootSecret: Buffer.from(root) });
await auditedAct(
  { audit, codeOf: () => 'none' },
  {
    actor: { name: 'li.na', role: 'finance' },
    action: 'period.lock',
    object: { kind: 'period', id: 'killed' },
    reason: null,
    requestId: 'req_killed',
  },
  () => {
    process.kill(process.pid, 'SIGKILL');
    return new Promise<void>(() => undefined);
  },
);
