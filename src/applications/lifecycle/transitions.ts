/** A state machine as data: from → event type → to. */
export type TransitionTable<Status extends string> = Readonly<
  Record<Status, Readonly<Partial<Record<string, Status>>>>
>;

export type TransitionVerdict<Status extends string> =
  | { readonly kind: 'move'; readonly to: Status }
  /** It happened before what is known already, on a way that leads here: part of the history, the state stays. */
  | { readonly kind: 'history' }
  /** Not legal yet, but on from here. */
  | { readonly kind: 'early' }
  | { readonly kind: 'illegal' };

/** The way back that only a reversal opens; nobody waits for one. */
const BACK_EDGE = 'installment.reversed';

/**
 * Judges one event against a table.
 * @param late it happened before the newest event that was applied to the same object
 */
export function judgeTransition<Status extends string>(
  table: TransitionTable<Status>,
  from: Status,
  type: string,
  late: boolean,
): TransitionVerdict<Status> {
  const landing = landingOf(table, type);
  if (late && landing !== undefined && following(table, landing).has(from)) return { kind: 'history' };
  const to = table[from][type];
  if (to !== undefined) return { kind: 'move', to };
  if (!comesLater(table, from, type)) return { kind: 'illegal' };
  // Said of where it stands already (an answered question has led there): there is nothing to wait for.
  return landing === from ? { kind: 'move', to: from } : { kind: 'early' };
}

/**
 * Whether an event comes before the newest one that is known: it happened earlier, or at the same instant where it can only
 * have come first. Lenders book a cure and a settlement in one second, and tell them in any order.
 * @param occurredAt, knownUntil RFC 3339 in one notation
 */
export function isBehind<Status extends string>(
  table: TransitionTable<Status>,
  from: Status,
  type: string,
  { occurredAt, knownUntil }: { readonly occurredAt: string; readonly knownUntil: string },
): boolean {
  if (occurredAt !== knownUntil) return occurredAt < knownUntil;
  return (
    judgeTransition(table, from, type, false).kind === 'illegal' &&
    judgeTransition(table, from, type, true).kind === 'history'
  );
}

/** Whether a status ahead of this one takes the event. */
export function comesLater<Status extends string>(table: TransitionTable<Status>, from: Status, type: string): boolean {
  return [...following(table, from, BACK_EDGE)].some((status) => table[status][type] !== undefined);
}

/** Every status that can follow in one step or more; the status itself only where a way leads round to it. */
function following<Status extends string>(
  table: TransitionTable<Status>,
  from: Status,
  withoutType?: string,
): ReadonlySet<Status> {
  const seen = new Set<Status>();
  const visit = (status: Status): void => {
    for (const [type, to] of Object.entries(table[status]) as [string, Status][]) {
      if (type === withoutType || seen.has(to)) continue;
      seen.add(to);
      visit(to);
    }
  };
  visit(from);
  return seen;
}

/** The status that a type of event leads to, wherever it comes from. */
function landingOf<Status extends string>(table: TransitionTable<Status>, type: string): Status | undefined {
  for (const row of Object.values(table) as Readonly<Partial<Record<string, Status>>>[]) {
    const to = row[type];
    if (to !== undefined) return to;
  }
  return undefined;
}
