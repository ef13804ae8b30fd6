import { pino } from 'pino';
import { AuditLog } from '../../src/audit/audit-log.ts';
import { AuditReader } from '../../src/audit/audit-reader.ts';
import { systemClock } from '../../src/base/clock.ts';
import { inertDeps } from '../../src/commands/inert-deps.ts';
import type { OperatorDeps } from '../../src/doors/operator/operator-deps.ts';
import { createOperatorDoor } from '../../src/doors/operator/operator-door.ts';
import { OperatorStore } from '../../src/operators/operator-store.ts';
import type { RedisClient } from '../../src/redis/connection.ts';
import type { Keyspace } from '../../src/redis/keyspace.ts';
import { type OpenDoor, openDoor } from './open-door.ts';
import type { PartnerClient } from './partner-door.ts';
import { operatorClient } from './signed-client.ts';

export const AUDIT_ROOT = Buffer.from('a-root-secret-for-tests-and-nothing-else');
export const BOOTSTRAP_TOKEN = 'bootstrap-token-of-this-test';

/** An operator door of one process, with the accounts and the audit log of a Redis and whatever else a test gives it. */
export interface OpenOperatorDoor extends OpenDoor {
  readonly audit: AuditLog;
  readonly reader: AuditReader;
  as(token: string): PartnerClient;
  readonly bootstrap: PartnerClient;
  /** Adds an operator; what the door answered is its token. */
  add(name: string, role: string): Promise<PartnerClient>;
}

export async function openOperatorDoor(
  { client, keys }: { readonly client: RedisClient; readonly keys: Keyspace },
  over: Partial<OperatorDeps> = {},
  env: 'sandbox' | 'live' = 'sandbox',
): Promise<OpenOperatorDoor> {
  const operators = new OperatorStore(client, keys);
  const audit = new AuditLog({ client, keys, rootSecret: AUDIT_ROOT });
  const reader = new AuditReader(client, keys);
  const own: Partial<OperatorDeps> = {
    bearer: { adminToken: BOOTSTRAP_TOKEN, findOperator: (sha256) => operators.findByToken(sha256) },
    audit,
    auditReader: reader,
    signAuditHead: (payload) => payload,
    operators,
    client,
    keys,
    realClock: systemClock,
    logger: pino({ level: 'silent' }),
    ...over,
  };
  const inert = inertDeps<OperatorDeps>();
  const door = await openDoor(
    (base) => {
      const given: Partial<OperatorDeps> = { ...base, ...own };
      // What a test does not give is only looked at when an operation uses it.
      const deps = new Proxy(inert, {
        get: (target, member) => (member in given ? Reflect.get(given, member) : Reflect.get(target, member)),
      });
      return createOperatorDoor(deps);
    },
    ['admin', 'sandbox'],
    env,
  );
  const as = (token: string) => operatorClient(door.origin, token);
  const bootstrap = as(BOOTSTRAP_TOKEN);
  return {
    ...door,
    audit,
    reader,
    as,
    bootstrap,
    async add(name, role) {
      const { status, body } = await bootstrap.post('/admin/v1/operators', { name, role });
      if (status !== 201) throw new Error(`${name} was not added: ${JSON.stringify(body)}`);
      return as(body.token);
    },
  };
}
