import type { Application } from '../applications/model.ts';
import type { ApplicationStore } from '../applications/store.ts';
import { type Clock, isoOf, msOf } from '../base/clock.ts';
import type { Registry } from '../registry/registry.ts';
import type { Appeal } from '../screening/appeals/appeal.ts';
import type { AffectedApplications } from '../screening/appeals/appeal-desk.ts';
import type { HitStore } from '../screening/lists/hits/hit-store.ts';
import { judgeLists } from '../screening/lists/judge-lists.ts';
import type { ListStore } from '../screening/lists/list-store.ts';
import { listViewOf } from './list-view.ts';
import { listedTokens } from './listed-tokens.ts';

export interface AffectedDeps {
  readonly registry: () => Registry;
  readonly store: ApplicationStore;
  readonly lists: ListStore;
  readonly hits: HitStore;
  /** Ids of applications, and of whatever else, that any of these tokens leads to. */
  readonly findByTokens: (tokens: readonly string[]) => Promise<ReadonlySet<string>>;
  readonly clock: Clock;
}

/** By the strongest identifier that was given: a phone number alone may have been somebody else's. */
const STRONGEST = ['id_number', 'phone_id', 'phone', 'bank_card', 'device_id'] as const;

/**
 * The applications that were refused because of what an appeal has cleared up: of this person, or, as far as that is known,
 * by one of these entries. Only those are told of which nothing else on the lists would keep the person out now.
 */
export function createAffectedApplications(deps: AffectedDeps): AffectedApplications {
  return {
    async tell(appeal, sinceMs) {
      const applications = await findRefused(deps, appeal, sinceMs);
      const told = await Promise.all(applications.map((application) => tellOne(deps, appeal, application)));
      return told.filter((one) => one).length;
    },
  };
}

async function findRefused(deps: AffectedDeps, appeal: Appeal, sinceMs: number): Promise<Application[]> {
  const kind = STRONGEST.find((one) => appeal.tokens.some((token) => token.kind === one));
  const tokens = appeal.tokens.filter((token) => token.kind === kind).map(({ token }) => token);
  const [byPerson, ...byEntry] = await Promise.all([
    deps.findByTokens(tokens),
    ...appeal.entries.map(({ id }) => deps.hits.applicationsOf(id)),
  ]);
  const ids = new Set([...byPerson, ...byEntry.flatMap((found) => [...found])]);
  if (appeal.application_id !== null) ids.add(appeal.application_id);
  const loaded = await Promise.all([...ids].filter((id) => id.startsWith('app_')).map((id) => deps.store.load(id)));
  return loaded.flatMap((one) => (one && isBlocked(one.application, sinceMs) ? [one.application] : []));
}

/** Refused by us because of a list, or declined by the lender with the same word. */
function isBlocked({ status, reason, created_at }: Application, sinceMs: number): boolean {
  const isRefused = status === 'refused' || status === 'credit_declined';
  return isRefused && reason === 'blocked' && msOf(created_at) >= sinceMs;
}

/** @returns whether its partner has been told, now or before */
async function tellOne(deps: AffectedDeps, appeal: Appeal, application: Application): Promise<boolean> {
  if (application.may_reapply?.appeal_id === appeal.id) return true;
  if (await isStillBlocked(deps, application)) return false;
  const at = isoOf(deps.clock.nowMs());
  await deps.store.change(application.id, (before) => {
    if (before.may_reapply?.appeal_id === appeal.id) return { events: [], result: null };
    const data = { appeal_id: appeal.id };
    return {
      application: { ...before, may_reapply: { appeal_id: appeal.id, at } },
      events: [{ type: 'application.may_reapply', occurred_at: at, data }],
      result: null,
    };
  });
  return true;
}

async function isStillBlocked({ lists, registry, clock }: AffectedDeps, application: Application): Promise<boolean> {
  const tokens = listedTokens(application.subject, lists.parts.forms);
  const product = registry().products.get(application.product_id);
  const idTokens = tokens.filter(({ kind }) => kind === 'id_number');
  const view = listViewOf(registry(), {
    funders: product?.funders ?? application.funder_ids,
    lenderId: application.lender_id,
    partnerId: application.owner_id,
    idTokens,
    nowMs: clock.nowMs(),
  });
  const [memberships = []] = await lists.read([tokens]);
  return judgeLists(memberships, view).blocked;
}
