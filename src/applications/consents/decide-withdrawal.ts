import type { Application, ApplicationStatus, ConsentNote } from '../model.ts';

/** Before the lender has decided: what rests on a consent can still be stopped. */
const UNDECIDED: ReadonlySet<ApplicationStatus> = new Set([
  'received',
  'submitted',
  'verifying',
  'needs_input',
  'in_review',
]);

/** Nothing of it has ever reached the lender. */
const NEVER_PASSED_ON: ReadonlySet<ApplicationStatus> = new Set(['screening', 'refused']);

/** Nobody may be refused anything for not wanting advertisements (PIPL art. 16). */
const WITHOUT_CONSEQUENCE: ReadonlySet<string> = new Set(['marketing']);

export interface WithdrawalDecision {
  /** The application with what is taken back noted. */
  readonly application: Application;
  /** All notes of these kinds, withdrawn by now: those that this changed and those that were before. */
  readonly withdrawn: readonly ConsentNote[];
  /** Those that this changed; none = it is the same again. */
  readonly fresh: readonly ConsentNote[];
  /** Kinds of which no consent was ever noted: there is nothing to take back. */
  readonly notGiven: readonly string[];
  /** What follows for the application. */
  readonly cancels: boolean;
  /** Kinds that the lender has to hear of now. */
  readonly told: readonly string[];
}

/**
 * What withdrawing consents of these kinds comes to: before the credit is decided the application ends when it cannot go on
 * without them; afterwards a contract runs on its own basis, and only the processing that rested on the consent stops.
 * @param required kinds that the application cannot do without
 */
export function decideWithdrawal(
  application: Application,
  required: readonly string[],
  kinds: readonly string[],
  at: string,
): WithdrawalDecision {
  const notes = application.consents ?? [];
  const isMeant = (note: ConsentNote): boolean => kinds.includes(note.kind);
  const fresh = notes
    .filter((note) => isMeant(note) && note.withdrawn_at === null)
    .map((note) => ({ ...note, withdrawn_at: at }));
  const after = notes.map((note) =>
    isMeant(note) && note.withdrawn_at === null ? { ...note, withdrawn_at: at } : note,
  );
  const withdrawn = after.filter(isMeant);
  const given = new Set(withdrawn.map(({ kind }) => kind));
  const cancels =
    UNDECIDED.has(application.status) &&
    [...given].some((kind) => required.includes(kind) && !WITHOUT_CONSEQUENCE.has(kind));
  return {
    application: fresh.length === 0 ? application : { ...application, consents: after },
    withdrawn,
    fresh,
    notGiven: kinds.filter((kind) => !given.has(kind)),
    cancels,
    told: NEVER_PASSED_ON.has(application.status) ? [] : [...new Set(fresh.map(({ kind }) => kind))],
  };
}
