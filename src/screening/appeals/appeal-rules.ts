import { DAY_MS, isoOf, MINUTE_MS, msOf } from '../../base/clock.ts';
import type { Contributor } from '../lists/entry.ts';
import type { Appeal, AppealAnswer, AppealCorrection, AppealEntry, AppealOutcome, AppealVerdict } from './appeal.ts';

/** Days in which an objection has to be handled: 征信业管理条例 art. 25 gives twenty. */
export const APPEAL_DUE_DAYS = 20;
/**
 * Days that operators have after that to get an answer. Until then nobody is kept out by what is in dispute; afterwards the
 * entries go: who cannot say for a month why somebody is listed cannot prove it, and may contribute again who can.
 */
export const APPEAL_LAPSE_DAYS = 10;
/** Refusals so old, counted from the opening, are told to have been cleared up. */
export const MAY_REAPPLY_DAYS = 90;
/** An appeal whose steps were interrupted is taken up again after this long. */
const RESUME_AFTER_MS = MINUTE_MS / 6;

export type AnswerVerdict =
  | { readonly kind: 'taken'; readonly appeal: Appeal }
  /** The same was said before. */
  | { readonly kind: 'same'; readonly appeal: Appeal }
  /** Something else was said before. */
  | { readonly kind: 'answered' }
  | { readonly kind: 'not_theirs' };

/** When an appeal that is opened now is due and when it lapses. */
export function deadlinesOf(nowMs: number): Pick<Appeal, 'opened_at' | 'due_by' | 'lapses_at'> {
  return {
    opened_at: isoOf(nowMs),
    due_by: isoOf(nowMs + APPEAL_DUE_DAYS * DAY_MS),
    lapses_at: isoOf(nowMs + (APPEAL_DUE_DAYS + APPEAL_LAPSE_DAYS) * DAY_MS),
  };
}

/** Everybody whose entries an appeal is about, each once. */
export function contributorsOf({ entries }: Pick<Appeal, 'entries'>): Contributor[] {
  return [...new Set(entries.map(({ contributor }) => contributor))];
}

/** Those who have not answered. */
export function pendingOf(appeal: Pick<Appeal, 'entries' | 'answers'>): Contributor[] {
  return contributorsOf(appeal).filter((contributor) => appeal.answers[contributor] === undefined);
}

/** The entries of one contributor. */
export function entriesOf({ entries }: Pick<Appeal, 'entries'>, contributor: Contributor): AppealEntry[] {
  return entries.filter((entry) => entry.contributor === contributor);
}

/** The entries that an appeal keeps suspended: those that nobody has answered for. */
export function guardedBy(appeal: Appeal): string[] {
  const pending = new Set(pendingOf(appeal));
  return appeal.entries.filter(({ contributor }) => pending.has(contributor)).map(({ id }) => id);
}

/** Takes a contributor's answer; the same again is fine, another one is not. */
export function answerAppeal(
  appeal: Appeal,
  contributor: Contributor,
  given: {
    readonly verdict: AppealVerdict;
    readonly reason: string;
    readonly correction: AppealCorrection | null;
    readonly by: string;
  },
  nowMs: number,
): AnswerVerdict {
  if (!contributorsOf(appeal).includes(contributor)) return { kind: 'not_theirs' };
  const before = appeal.answers[contributor];
  if (before === undefined) return { kind: 'taken', appeal: withAnswer(appeal, contributor, given, nowMs) };
  const isSame =
    before.verdict === given.verdict &&
    before.reason === given.reason &&
    JSON.stringify(before.correction) === JSON.stringify(given.correction);
  return isSame ? { kind: 'same', appeal } : { kind: 'answered' };
}

/** What time alone does: after `due_by` it is escalated, after `lapses_at` silence counts as an answer. */
export function afterTime(appeal: Appeal, nowMs: number): Appeal {
  const pending = pendingOf(appeal);
  if (appeal.status === 'decided' || pending.length === 0) return appeal;
  if (nowMs >= msOf(appeal.lapses_at)) {
    const said = { verdict: 'lapsed' as const, reason: null, correction: null, by: 'system' };
    return pending.reduce((changed, contributor) => withAnswer(changed, contributor, said, nowMs), appeal);
  }
  const isDue = appeal.status === 'open' && nowMs >= msOf(appeal.due_by);
  return isDue ? { ...appeal, status: 'escalated', escalated_at: appeal.due_by } : appeal;
}

/** An answer that came about otherwise: the contributor had taken all its entries off. */
export function withWithdrawnBefore(appeal: Appeal, contributor: Contributor, nowMs: number): Appeal {
  const said = { verdict: 'withdrawn_before' as const, reason: null, correction: null, by: contributor };
  return withAnswer(appeal, contributor, said, nowMs);
}

/** The lists say what a contributor has answered. */
export function withApplied(appeal: Appeal, contributor: Contributor): Appeal {
  const answer = appeal.answers[contributor];
  if (answer === undefined || answer.applied) return appeal;
  return { ...appeal, answers: { ...appeal.answers, [contributor]: { ...answer, applied: true } } };
}

/** Decided once everybody has answered and the lists say so. */
export function decidedIfAnswered(appeal: Appeal, nowMs: number): Appeal {
  if (appeal.status === 'decided' || pendingOf(appeal).length > 0) return appeal;
  if (Object.values(appeal.answers).some(({ applied }) => !applied)) return appeal;
  return { ...appeal, status: 'decided', decided_at: isoOf(nowMs), outcome: outcomeOf(appeal) };
}

/** Epoch ms at which the appeal has to be looked at again; null when it is over. */
export function nextLookAt(appeal: Appeal, nowMs: number): number | null {
  if (appeal.status === 'decided') return appeal.told === null ? nowMs + RESUME_AFTER_MS : null;
  const isUnderway = !appeal.suspended || Object.values(appeal.answers).some(({ applied }) => !applied);
  if (isUnderway || pendingOf(appeal).length === 0) return nowMs + RESUME_AFTER_MS;
  return msOf(appeal.status === 'open' ? appeal.due_by : appeal.lapses_at);
}

/** Whether anything has changed for whoever was refused because of it. */
export function mayHelp({ outcome }: Appeal): boolean {
  return outcome === 'cleared' || outcome === 'corrected';
}

function outcomeOf({ answers }: Appeal): AppealOutcome {
  const verdicts = Object.values(answers).map(({ verdict }) => verdict);
  if (verdicts.length === 0) return 'no_entries';
  if (verdicts.every((verdict) => verdict === 'uphold')) return 'upheld';
  return verdicts.every((verdict) => verdict !== 'uphold' && verdict !== 'correct') ? 'cleared' : 'corrected';
}

function withAnswer(
  appeal: Appeal,
  contributor: Contributor,
  given: Omit<AppealAnswer, 'at' | 'applied'>,
  nowMs: number,
): Appeal {
  const answer: AppealAnswer = { ...given, at: isoOf(nowMs), applied: false };
  return { ...appeal, answers: { ...appeal.answers, [contributor]: answer } };
}
