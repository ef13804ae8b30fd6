import { AuditLog } from '../../../src/audit/audit-log.ts';
import { readListSubject } from '../../../src/doors/lists/check-subjects.ts';
import { createTokenizer } from '../../../src/identity/token.ts';
import { createKeyspace } from '../../../src/redis/keyspace.ts';
import type { Appeal } from '../../../src/screening/appeals/appeal.ts';
import { AppealDesk, type AppealDeskDeps } from '../../../src/screening/appeals/appeal-desk.ts';
import { AppealStore } from '../../../src/screening/appeals/appeal-store.ts';
import type { OpenAppeal } from '../../../src/screening/appeals/new-appeal.ts';
import { AutoHolds } from '../../../src/screening/lists/auto/auto-holds.ts';
import type { ListEntryInput, ListSubject } from '../../../src/screening/lists/entry-schema.ts';
import { ListStore } from '../../../src/screening/lists/list-store.ts';
import { TestClock } from '../../support/intake.ts';
import type { TestRedis } from '../../support/redis.ts';

let spaces = 0;

export interface TestDesk {
  readonly lists: ListStore;
  readonly holds: AutoHolds;
  readonly desk: AppealDesk;
  readonly deps: AppealDeskDeps;
  readonly clock: TestClock;
  /** Appeals whose affected applications were to be told. */
  readonly told: string[];
  open(subject: ListSubject, change?: Partial<OpenAppeal>): Promise<Appeal>;
  /** States of all entries about a subject, sorted. */
  states(subject: ListSubject): Promise<string[]>;
}

/** The desk of appeals on lists of its own, in one Redis; refused applications are not looked for. */
export function openDesk(redis: TestRedis): TestDesk {
  const { client } = redis;
  spaces += 1;
  const keys = createKeyspace(`desk${spaces}:`);
  const clock = new TestClock('2026-03-02T04:00:00.000Z');
  const tokenizer = createTokenizer(Buffer.alloc(32, 7));
  const forms = { hashes: ['md5', 'sha256', 'sm3'], phoneId: true } as const;
  const lists = new ListStore({ client, keys, tokenizer, clock, forms });
  const holds = new AutoHolds(client, keys);
  const told: string[] = [];
  const deps: AppealDeskDeps = {
    parts: lists.parts,
    holds,
    appeals: new AppealStore(client, keys, clock),
    affected: {
      tell: async ({ id }) => {
        told.push(id);
        return 1;
      },
    },
    audit: new AuditLog({ client, keys, rootSecret: Buffer.alloc(32, 9) }),
    clock,
  };
  const desk = new AppealDesk(deps);
  return {
    lists,
    holds,
    desk,
    deps,
    clock,
    told,
    async open(subject, change = {}) {
      const read = readListSubject(subject, lists);
      if (!read.ok) throw new Error(JSON.stringify(read.faults));
      const wanted: OpenAppeal = {
        opener: 'operator',
        by: 'mei',
        claim: 'wrong',
        applicationId: null,
        subject: read.value,
        seen: 'all',
        ...change,
      };
      const opened = await desk.open(wanted);
      if (opened.kind !== 'opened') throw new Error(`${opened.kind} at ${opened.at}`);
      return opened.appeal;
    },
    async states(subject) {
      const read = readListSubject(subject, lists);
      if (!read.ok) throw new Error(JSON.stringify(read.faults));
      return (await lists.find(read.value.tokens)).map(({ state }) => state).sort();
    },
  };
}

/** Phone and id number of one person, contributed as one group. */
export function groupOf(
  { phone, idNumber }: { readonly phone: string; readonly idNumber: string },
  group: string,
  more: Partial<ListEntryInput> = {},
): ListEntryInput[] {
  const common = { list: 'block', scope: 'funder:harbour', reason: 'overdue', group, ...more } as const;
  return [
    { subject: { phone }, ...common },
    { subject: { id_number: idNumber }, ...common },
  ];
}
