import type { Action, Application, Credit, Loan } from '../model.ts';

/**
 * What of an application no event tells, and why:
 * - the person: `partner_user_ref` and `return_url` are a partner's own words about somebody, and are erased with the sealed
 *   record. A log forgets nothing, so they are not in it: a rebuilt application is without them, as an erased one is
 * - what only waits: `held` events of the lender that came early, which are told when they are applied; `ruled` and `checking`,
 *   which are gone once screening is over; of the subject `others`, which only screening looks at
 * - when parts were last set, by which late events of the lender are judged: `last_occurred_at`, `called_off`, `set_at` of the
 *   credit, `schedule_at` of a loan
 * - counters that guard the stores beside the document or against asking twice: `inbox_writes`, `record_writes`,
 *   `supplements`, `supplements_taken`, `codes_tried`, `resends` and `resent_at` of an action
 */
const UNTOLD: readonly string[] = [
  'partner_user_ref',
  'return_url',
  'held',
  'ruled',
  'checking',
  'last_occurred_at',
  'called_off',
  'inbox_writes',
  'record_writes',
  'supplements',
  'supplements_taken',
];
const UNTOLD_OF = {
  subject: ['others'],
  credit: ['set_at'],
  loan: ['schedule_at'],
  action: ['codes_tried', 'resends', 'resent_at'],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** While it is screened: told with the decision. */
const UNTOLD_IN_SCREENING: readonly string[] = ['offer', 'consents', 'verifications'];

/** An application without what no event tells: what is left is what its log comes to, in every detail. */
export function asTheLogKnows(application: Application): Readonly<Record<string, unknown>> {
  const { subject, credit, loans, actions, status } = application;
  const hidden = status === 'screening' ? [...UNTOLD, ...UNTOLD_IN_SCREENING] : UNTOLD;
  return {
    ...without(application, hidden),
    subject: without(subject, UNTOLD_OF.subject),
    credit: credit === null ? null : without<Credit>(credit, UNTOLD_OF.credit),
    loans: loans.map((loan) => without<Loan>(loan, UNTOLD_OF.loan)),
    ...(actions ? { actions: actions.map((action) => without<Action>(action, UNTOLD_OF.action)) } : {}),
  };
}

function without<Thing extends object>(thing: Thing, names: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(thing).filter(([name]) => !names.includes(name)));
}
