import type { Application, Loan } from '../../applications/model.ts';
import { productAsAccepted } from '../../applications/product-as-accepted.ts';
import type { ApplicationStore } from '../../applications/store.ts';
import type { Clock } from '../../base/clock.ts';
import { HASH_FORMS } from '../../identity/hash-forms.ts';
import type { Registry } from '../../registry/registry.ts';
import { DEFAULT_TIMEZONE } from '../../registry/schema/scalars.ts';
import { type AutoSubject, autoEntryId, settleAutoEntry } from '../../screening/lists/auto/auto-entries.ts';
import type { AutoHolds } from '../../screening/lists/auto/auto-holds.ts';
import type { StoreParts } from '../../screening/lists/store-parts.ts';
import { listedTokens } from '../listed-tokens.ts';
import { overdueStanding } from './overdue-standing.ts';

export interface OverdueDeps {
  readonly registry: () => Registry;
  readonly store: Pick<ApplicationStore, 'load'>;
  readonly parts: StoreParts;
  readonly holds: AutoHolds;
  readonly clock: Clock;
}

/** Forms that a person has who is known in plain. */
const PLAIN_FORMS = HASH_FORMS.length;
/** The application changed while it was looked at: as many times at the most. */
const TRIES = 20;

/**
 * Makes the lists of each funder say which of its borrowers are overdue: it looks at the application as it is, not at what
 * has just happened, so that a replay or a rebuild of the log gives the same, and never for a moment something else.
 * @returns when time alone will change it, epoch ms; null when it will not
 */
export async function applyOverdueRule(deps: OverdueDeps, applicationId: string): Promise<number | null> {
  let seen = await deps.store.load(applicationId);
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    if (seen === undefined) return null;
    const checkAtMs = await applyToLoans(deps, seen.application);
    // A settlement that was applied elsewhere meanwhile must have the last word.
    const now = await deps.store.load(applicationId);
    if (now?.version === seen.version) return checkAtMs;
    seen = now;
  }
  throw new Error(`application ${applicationId} changes all the time`);
}

async function applyToLoans(deps: OverdueDeps, application: Application): Promise<number | null> {
  const nowMs = deps.clock.nowMs();
  const checks: number[] = [];
  for (const loan of application.loans) {
    const funderId = loan.funder_id;
    if (loan.disbursed_at === null || funderId === null) continue;
    const checkAtMs = await applyToLoan(deps, application, loan, funderId, nowMs);
    if (checkAtMs !== null) checks.push(checkAtMs);
  }
  return checks.length === 0 ? null : Math.min(...checks);
}

/** Whether any funder has such a rule; without one, events need not be looked at. */
export function hasOverdueRule(registry: Registry): boolean {
  return [...registry.funders.values()].some(({ lists }) => lists.auto_overdue_days !== null);
}

async function applyToLoan(
  { registry, parts, holds }: OverdueDeps,
  application: Application,
  loan: Loan,
  funderId: string,
  nowMs: number,
): Promise<number | null> {
  const days = registry().funders.get(funderId)?.lists.auto_overdue_days ?? null;
  const product = productAsAccepted(application, registry().products.get(application.product_id));
  const timezone = product?.timezone ?? DEFAULT_TIMEZONE;
  const standing =
    days === null ? ({ kind: 'free', checkAtMs: null } as const) : overdueStanding(loan, days, nowMs, timezone);
  for (const subject of subjectsOf(application, parts, funderId)) {
    const id = autoEntryId(subject);
    if (standing.kind === 'holds') await holds.hold(id, { loanId: loan.id, since: standing.since });
    else await holds.release(id, loan.id);
    // Also when nothing was held: somebody may have died between letting go and taking the entry off.
    await settleAutoEntry(parts, holds, subject);
  }
  return standing.kind === 'free' ? standing.checkAtMs : null;
}

/** The borrower's phone and id number, as far as the application knows them. */
function subjectsOf({ subject }: Application, { forms }: StoreParts, funderId: string): AutoSubject[] {
  const tokens = listedTokens(subject, forms);
  const labels = subject.labels ?? [];
  const all = [...subject.claims, ...subject.pointers];
  return (['phone', 'id_number'] as const).flatMap((kind) => {
    const own = tokens.filter((token) => token.kind === kind);
    const isPlain = labels.filter((label) => label.startsWith(`${kind}.`)).length === PLAIN_FORMS;
    const anchor = isPlain ? all[labels.indexOf(`${kind}.sha256`)] : own[0]?.token;
    if (own.length === 0 || anchor === undefined || subject.person === null) return [];
    // Somebody who is known by the joint hash alone is found by it, as with entries that people contribute.
    const joint = kind === 'id_number' && isPlain ? tokens.filter((token) => token.kind === 'phone_id') : [];
    return [{ funderId, kind, anchor, isPlain, tokens: [...own, ...joint], person: subject.person }];
  });
}
