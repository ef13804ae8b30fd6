import type { ListScope } from '../lists/entry.ts';
import type { Appeal, AppealEntry, AppealOpener } from './appeal.ts';
import { deadlinesOf } from './appeal-rules.ts';
import type { AppealSubject } from './match-entries.ts';

/** What an appeal is opened with. */
export interface OpenAppeal {
  readonly opener: AppealOpener;
  /** Who acts: the operator's name, the lender. */
  readonly by: string;
  readonly claim: Appeal['claim'];
  readonly applicationId: string | null;
  readonly subject: AppealSubject;
  /** Scopes whose entries are meant. */
  readonly seen: readonly ListScope[] | 'all';
}

/** An appeal as it is written down first: nothing is suspended yet. */
export function newAppeal(id: string, wanted: OpenAppeal, entries: readonly AppealEntry[], nowMs: number): Appeal {
  return {
    id,
    opener: wanted.opener,
    opened_by: wanted.by,
    application_id: wanted.applicationId,
    claim: wanted.claim,
    tokens: wanted.subject.tokens,
    entries,
    answers: {},
    status: 'open',
    suspended: false,
    ...deadlinesOf(nowMs),
    escalated_at: null,
    decided_at: null,
    outcome: null,
    told: null,
  };
}

/** The person as far as the same appeal is meant: by the strongest identifier that was given. */
export function personOf({ tokens }: AppealSubject): string {
  const order = ['id_number', 'phone_id', 'phone', 'bank_card', 'device_id'];
  const [first] = [...tokens].sort(
    (a, b) =>
      order.indexOf(a.kind) - order.indexOf(b.kind) || Number(b.form === 'sha256') - Number(a.form === 'sha256'),
  );
  return first?.token ?? '';
}

/** Whether an open appeal is about all of these already. */
export function covers(appeal: Appeal, matched: readonly AppealEntry[]): boolean {
  return matched.every(({ id }) => appeal.entries.some((entry) => entry.id === id));
}
