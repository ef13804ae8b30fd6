import type { Application, Versioned } from '../applications/model.ts';
import type { Click } from '../attribution/clicks/click.ts';
import type { Handoff } from '../attribution/handoffs/handoff.ts';
import type { Registration } from '../attribution/registration-store.ts';
import type { BoundTouch } from '../attribution/touch-store.ts';
import { msOf } from '../base/clock.ts';
import { mapBounded } from '../base/map-bounded.ts';
import type { LogEvent } from '../events/event.ts';
import {
  claimsOf,
  findSubject,
  type HeldClaim,
  type HeldReservation,
  isLedTo,
  type SubjectDesk,
  tokensOf,
  touchesOfSubject,
} from './subject-desk.ts';
import { type Passed, passedOn, readHistory } from './subject-history.ts';
import type { WantedSubject } from './wanted-subject.ts';

export interface ExportedApplication extends Versioned {
  /** The sealed record, opened; null when there is none any more, or it cannot be opened. */
  readonly personal: Readonly<Record<string, unknown>> | null;
  /** Why there is a record that cannot be shown. */
  readonly unreadable: string | null;
  /** What other places hold, by their name. */
  readonly others: Readonly<Record<string, readonly unknown[]>>;
  readonly passedTo: readonly Passed[];
  readonly history: readonly LogEvent[];
}

/** Everything that is held about a person. */
export interface ExportedSubject {
  readonly applications: readonly ExportedApplication[];
  /** Applications there are beyond those shown. */
  readonly left: number;
  readonly registrations: readonly Registration[];
  readonly claims: readonly HeldClaim[];
  readonly reservations: readonly HeldReservation[];
  readonly touches: readonly {
    readonly touch: BoundTouch;
    readonly click: Click | null;
    readonly handoff: Handoff | null;
  }[];
}

/** One document must fit into memory and into somebody's mailbox. */
export const EXPORT_APPLICATIONS_MAX = 500;
const AT_ONCE = 16;

/**
 * Gathers what is held about a person, opened: only what every given identifier leads to.
 * @param actor the operator for whom it is opened
 */
export async function exportSubject(desk: SubjectDesk, wanted: WantedSubject, actor: string): Promise<ExportedSubject> {
  const found = await findSubject(desk, wanted, 'all');
  const tokens = tokensOf(wanted, found);
  const shown = found.applications.slice(0, EXPORT_APPLICATIONS_MAX);
  const history = await readHistory(
    desk.client,
    desk.keys,
    shown.map(({ application: { id, created_at: at } }) => ({ id, notBeforeMs: desk.isRealTime ? msOf(at) : null })),
  );
  const applications = await mapBounded(shown, AT_ONCE, async ({ application, version }) => {
    const events = history.get(application.id) ?? [];
    return {
      application,
      version,
      ...(await openRecord(desk, application.id, actor)),
      others: await readOthers(desk, application.id, actor),
      passedTo: passedOn(application, events),
      history: events,
    };
  });
  const [{ claims, reservations }, touches] = await Promise.all([
    claimsOf(desk, tokens),
    touchesOfSubject(desk, wanted, found),
  ]);
  const isTheirs = ({ id }: Application): boolean =>
    found.applications.some(({ application }) => application.id === id);
  return {
    applications,
    left: found.applications.length - shown.length,
    registrations: found.registrations.map(({ registration }) => registration),
    claims: claims.filter(({ application }) => isTheirs(application)),
    reservations: reservations.filter((one) => isLedTo(wanted, one.tokens)),
    touches: await mapBounded(touches, AT_ONCE, async (touch) => ({
      touch,
      click: touch.kind === 'click' ? ((await desk.clicks.load(touch.id)) ?? null) : null,
      handoff: touch.kind === 'handoff' ? ((await desk.handoffs.load(touch.id))?.handoff ?? null) : null,
    })),
  };
}

async function openRecord(
  { store, sealer }: SubjectDesk,
  applicationId: string,
  actor: string,
): Promise<Pick<ExportedApplication, 'personal' | 'unreadable'>> {
  const sealed = await store.sealed(applicationId);
  if (sealed === undefined) return { personal: null, unreadable: null };
  const opened = sealer.openJson(sealed, applicationId, { purpose: 'operator_export', applicationId, actor });
  if (!opened.ok) return { personal: null, unreadable: opened.code };
  return { personal: opened.plain as Readonly<Record<string, unknown>>, unreadable: null };
}

async function readOthers({ others }: SubjectDesk, applicationId: string, actor: string) {
  const read = await Promise.all(others.map(async (one) => [one.name, await one.read(applicationId, actor)] as const));
  return Object.fromEntries(read);
}
