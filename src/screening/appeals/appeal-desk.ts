import type { AuditLog } from '../../audit/audit-log.ts';
import { type AuditedActDeps, auditedAct } from '../../audit/audited-act.ts';
import { type Clock, DAY_MS, msOf } from '../../base/clock.ts';
import { derivedId } from '../../base/ids.ts';
import { AUTO_CONTRIBUTOR } from '../lists/auto/auto-entries.ts';
import type { Contributor, ListScope } from '../lists/entry.ts';
import type { EntryFault } from '../lists/entry-rules.ts';
import type { Appeal, AppealCorrection, AppealEntry, AppealOpener, AppealVerdict } from './appeal.ts';
import { type AppealListsDeps, applyAnswer, hasNoneLeft, suspendAppealed } from './appeal-lists.ts';
import {
  afterTime,
  answerAppeal,
  contributorsOf,
  deadlinesOf,
  decidedIfAnswered,
  entriesOf,
  MAY_REAPPLY_DAYS,
  mayHelp,
  pendingOf,
  withApplied,
  withWithdrawnBefore,
} from './appeal-rules.ts';
import type { AppealStore } from './appeal-store.ts';
import { correctionFaults } from './check-correction.ts';
import { type AppealSubject, matchEntries } from './match-entries.ts';

/** Applications that were refused because of what an appeal has cleared up. */
export interface AffectedApplications {
  /**
   * Tells the partner of each that the person may come again; one that was told before is not told again.
   * @param sinceMs older refusals are left alone
   * @returns how many have been told, now or before
   */
  tell(appeal: Appeal, sinceMs: number): Promise<number>;
}

export interface AppealDeskDeps extends Omit<AppealListsDeps, 'appeals'> {
  readonly appeals: AppealStore;
  readonly affected: AffectedApplications;
  readonly audit: Pick<AuditLog, 'append'>;
  readonly clock: Clock;
}

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

export type Opened =
  /** `isNew` false: it was open already, about the same. */
  | { readonly kind: 'opened'; readonly appeal: Appeal; readonly isNew: boolean }
  | { readonly kind: 'plain_needed'; readonly at: string };

export interface GiveAnswer {
  readonly verdict: AppealVerdict;
  readonly reason: string;
  readonly correction: AppealCorrection | null;
  readonly by: string;
}

export type Answered =
  | { readonly kind: 'taken'; readonly appeal: Appeal }
  | { readonly kind: 'invalid'; readonly faults: readonly EntryFault[] }
  | { readonly kind: 'answered' | 'not_theirs' };

/** Takes appeals in, has them answered, and makes lists and partners follow. What a crash interrupts, `drive` completes. */
export class AppealDesk {
  readonly #deps: AppealDeskDeps;

  constructor(deps: AppealDeskDeps) {
    this.#deps = deps;
  }

  get appeals(): AppealStore {
    return this.#deps.appeals;
  }

  /**
   * Opens an appeal and suspends what it is about. The same opener's appeal for the same person again finds the one that is
   * open, unless there is more on the lists by now: that needs another one.
   */
  async open(wanted: OpenAppeal): Promise<Opened> {
    const { appeals, parts, clock } = this.#deps;
    const match = await matchEntries(parts, wanted.subject, wanted.seen);
    if (!match.ok) return { kind: 'plain_needed', at: match.kind };
    const { opener, by, claim, applicationId, subject } = wanted;
    for (let number = 0; ; number += 1) {
      const id = derivedId('apl', opener, personOf(subject), String(number));
      const there = await appeals.get(id);
      if (there !== undefined) {
        if (there.status === 'decided' || !covers(there, match.matched)) continue;
        return { kind: 'opened', appeal: (await this.drive(id)) ?? there, isNew: false };
      }
      const appeal: Appeal = {
        id,
        opener,
        opened_by: by,
        application_id: applicationId,
        claim,
        tokens: subject.tokens,
        entries: match.all,
        answers: {},
        status: 'open',
        suspended: false,
        ...deadlinesOf(clock.nowMs()),
        escalated_at: null,
        decided_at: null,
        outcome: null,
        told: null,
      };
      // Somebody else's of this moment is looked at in the next round.
      if (await appeals.create(appeal))
        return { kind: 'opened', appeal: (await this.drive(id)) ?? appeal, isNew: true };
      number -= 1;
    }
  }

  /** Takes a contributor's answer for all its entries of an appeal; undefined when there is no such appeal. */
  async answer(id: string, contributor: Contributor, given: GiveAnswer): Promise<Answered | undefined> {
    const { appeals, clock } = this.#deps;
    const before = await appeals.get(id);
    if (before === undefined) return undefined;
    const faults = answerFaults(before, contributor, given, clock);
    if (faults.length > 0) return { kind: 'invalid', faults };
    const nowMs = clock.nowMs();
    const verdicts: ReturnType<typeof answerAppeal>['kind'][] = [];
    await appeals.change(id, (appeal) => {
      // Silence that has lasted too long has answered, even when the sweeper has not come by yet.
      const verdict = answerAppeal(afterTime(appeal, nowMs), contributor, given, nowMs);
      verdicts.push(verdict.kind);
      return verdict.kind === 'taken' ? verdict.appeal : appeal;
    });
    const last = verdicts.at(-1);
    if (last === 'answered' || last === 'not_theirs') return { kind: last };
    return { kind: 'taken', appeal: (await this.drive(id)) ?? before };
  }

  /** Does whatever is still to be done about an appeal; doing it again changes nothing. */
  async drive(id: string): Promise<Appeal | undefined> {
    const { appeals, clock, affected } = this.#deps;
    const lists = { ...this.#deps, appeals };
    let appeal = await appeals.get(id);
    if (appeal === undefined) return undefined;
    if (!appeal.suspended) {
      await suspendAppealed(lists, appeal);
      appeal = await appeals.change(id, (before) => (before.suspended ? before : { ...before, suspended: true }));
    }
    for (const contributor of appeal === undefined ? [] : pendingOf(appeal)) {
      if (appeal === undefined || !(await hasNoneLeft(lists, entriesOf(appeal, contributor)))) continue;
      appeal = await appeals.change(id, (before) =>
        before.answers[contributor] ? before : withWithdrawnBefore(before, contributor, clock.nowMs()),
      );
    }
    for (const contributor of appeal === undefined ? [] : contributorsOf(appeal)) {
      const answer = appeal?.answers[contributor];
      if (appeal === undefined || answer === undefined || answer.applied) continue;
      await applyAnswer(lists, appeal, contributor, answer);
      appeal = await appeals.change(id, (before) => withApplied(before, contributor));
    }
    appeal = await appeals.change(id, (before) => decidedIfAnswered(before, clock.nowMs()));
    if (appeal?.status !== 'decided' || appeal.told !== null) return appeal;
    const sinceMs = msOf(appeal.opened_at) - MAY_REAPPLY_DAYS * DAY_MS;
    const told = mayHelp(appeal) ? await affected.tell(appeal, sinceMs) : 0;
    return appeals.change(id, (before) => (before.told === null ? { ...before, told } : before));
  }

  /** Escalates, ends silence, and takes up again what was interrupted. @returns whether the appeal is still there to look at */
  async look(id: string, nowMs: number): Promise<void> {
    const { appeals } = this.#deps;
    const before = await appeals.get(id);
    if (before === undefined) return;
    const after = afterTime(before, nowMs);
    if (after !== before) {
      const isLapse = pendingOf(after).length === 0;
      await this.#recorded(isLapse ? 'appeal.lapse' : 'appeal.escalate', before, () =>
        appeals.change(id, (appeal) => afterTime(appeal, nowMs)),
      );
    }
    await this.drive(id);
  }

  #recorded(action: string, { id, status }: Appeal, act: () => Promise<Appeal | undefined>): Promise<unknown> {
    const deps: AuditedActDeps = { audit: this.#deps.audit, codeOf: () => 'internal_error' };
    const intent = {
      actor: { name: 'appeals', role: 'system' as const },
      action,
      object: { kind: 'appeal', id },
      reason: null,
      before: { status },
      requestId: 'clock',
    };
    return auditedAct(deps, intent, act, (appeal) => ({ status: appeal?.status ?? null }));
  }
}

/** The person as far as the same appeal is meant: by the strongest identifier that was given. */
function personOf({ tokens }: AppealSubject): string {
  const order = ['id_number', 'phone_id', 'phone', 'bank_card', 'device_id'];
  const [first] = [...tokens].sort(
    (a, b) =>
      order.indexOf(a.kind) - order.indexOf(b.kind) || Number(b.form === 'sha256') - Number(a.form === 'sha256'),
  );
  return first?.token ?? '';
}

/** Whether an open appeal is about all of these already. */
function covers(appeal: Appeal, matched: readonly AppealEntry[]): boolean {
  return matched.every(({ id }) => appeal.entries.some((entry) => entry.id === id));
}

function answerFaults(
  appeal: Appeal,
  contributor: Contributor,
  { verdict, correction }: GiveAnswer,
  clock: Clock,
): readonly EntryFault[] {
  // What was answered before is compared, not judged again.
  if (appeal.answers[contributor] !== undefined) return [];
  if (verdict !== 'correct') {
    const message = 'belongs to the verdict correct';
    return correction === null ? [] : [{ pointer: '/correction', code: 'not_allowed', message }];
  }
  if (contributor === AUTO_CONTRIBUTOR) {
    const message = 'an automatic entry follows its loan: withdraw it, or have the lender correct the loan';
    return [{ pointer: '/verdict', code: 'not_allowed', message }];
  }
  const faults = correctionFaults(correction ?? {}, entriesOf(appeal, contributor), clock);
  return faults.map((fault) => ({ ...fault, pointer: `/correction${fault.pointer}` }));
}
