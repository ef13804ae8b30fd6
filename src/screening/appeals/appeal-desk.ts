import type { AuditLog } from '../../audit/audit-log.ts';
import { type AuditedActDeps, auditedAct } from '../../audit/audited-act.ts';
import { type Clock, DAY_MS, msOf } from '../../base/clock.ts';
import { derivedId } from '../../base/ids.ts';
import { AUTO_CONTRIBUTOR } from '../lists/auto/auto-entries.ts';
import type { Contributor } from '../lists/entry.ts';
import type { EntryFault } from '../lists/entry-rules.ts';
import type { Appeal, AppealCorrection, AppealVerdict } from './appeal.ts';
import { type AppealListsDeps, applyAnswer, hasNoneLeft, suspendAppealed } from './appeal-lists.ts';
import {
  afterTime,
  answerAppeal,
  contributorsOf,
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
import { matchEntries } from './match-entries.ts';
import { covers, newAppeal, type OpenAppeal, personOf } from './new-appeal.ts';

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

export interface OpenedAppeal {
  readonly kind: 'opened';
  readonly appeal: Appeal;
  /** false: it was open already, about the same. */
  readonly isNew: boolean;
}

/** `plain_needed`: an entry of the kind `at` cannot be suspended, since its person is known in plain and was hashed here. */
export type Opened = OpenedAppeal | { readonly kind: 'plain_needed'; readonly at: string };

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
    let number = 0;
    for (;;) {
      const id = derivedId('apl', wanted.opener, personOf(wanted.subject), String(number));
      const there = await appeals.get(id);
      if (there === undefined) {
        const appeal = newAppeal(id, wanted, match.all, clock.nowMs());
        // Whoever was quicker at this moment is looked at in the next round.
        if (await appeals.create(appeal)) return { kind: 'opened', appeal: await this.drive(appeal), isNew: true };
      } else if (there.status !== 'decided' && covers(there, match.matched)) {
        return { kind: 'opened', appeal: await this.drive(there), isNew: false };
      } else number += 1;
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
    const said: { kind: ReturnType<typeof answerAppeal>['kind'] } = { kind: 'same' };
    await appeals.change(id, (appeal) => {
      // Silence that has lasted too long has answered, even when the sweeper has not come by yet.
      const verdict = answerAppeal(afterTime(appeal, nowMs), contributor, given, nowMs);
      said.kind = verdict.kind;
      return verdict.kind === 'taken' ? verdict.appeal : appeal;
    });
    if (said.kind === 'answered' || said.kind === 'not_theirs') return { kind: said.kind };
    return { kind: 'taken', appeal: await this.drive(before) };
  }

  /** Does whatever is still to be done about an appeal; doing it again changes nothing. @returns it as it stands then */
  async drive({ id }: Pick<Appeal, 'id'>): Promise<Appeal> {
    const { appeals, clock } = this.#deps;
    await this.#suspend(id);
    await this.#noticeWithdrawn(id);
    await this.#applyAnswers(id);
    const appeal = await this.#change(id, (before) => decidedIfAnswered(before, clock.nowMs()));
    if (appeal.status !== 'decided' || appeal.told !== null) return appeal;
    const sinceMs = msOf(appeal.opened_at) - MAY_REAPPLY_DAYS * DAY_MS;
    const told = mayHelp(appeal) ? await this.#deps.affected.tell(appeal, sinceMs) : 0;
    return (await appeals.change(id, (before) => (before.told === null ? { ...before, told } : before))) ?? appeal;
  }

  /** Escalates, ends silence, and takes up again what was interrupted. */
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
    await this.drive(before);
  }

  async #suspend(id: string): Promise<void> {
    const appeal = await this.#change(id, (before) => before);
    if (appeal.suspended) return;
    await suspendAppealed(this.#deps, appeal);
    await this.#change(id, (before) => (before.suspended ? before : { ...before, suspended: true }));
  }

  /** Whoever has taken all its entries off meanwhile has answered. */
  async #noticeWithdrawn(id: string): Promise<void> {
    const appeal = await this.#change(id, (before) => before);
    for (const contributor of pendingOf(appeal)) {
      if (!(await hasNoneLeft(this.#deps, entriesOf(appeal, contributor)))) continue;
      const nowMs = this.#deps.clock.nowMs();
      await this.#change(id, (before) =>
        before.answers[contributor] === undefined ? withWithdrawnBefore(before, contributor, nowMs) : before,
      );
    }
  }

  async #applyAnswers(id: string): Promise<void> {
    const appeal = await this.#change(id, (before) => before);
    for (const contributor of contributorsOf(appeal)) {
      const answer = appeal.answers[contributor];
      if (answer === undefined || answer.applied) continue;
      await applyAnswer(this.#deps, appeal, contributor, answer);
      await this.#change(id, (before) => withApplied(before, contributor));
    }
  }

  async #change(id: string, change: (before: Appeal) => Appeal): Promise<Appeal> {
    const appeal = await this.#deps.appeals.change(id, change);
    if (appeal === undefined) throw new Error(`the appeal ${id} is not there`);
    return appeal;
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
