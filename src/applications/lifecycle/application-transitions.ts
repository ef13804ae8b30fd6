import type { ApplicationStatus } from '../model.ts';
import type { TransitionTable } from './transitions.ts';

/** What may end an application that is still being decided; a lender may go straight there from any step. */
const OUTCOMES = {
  'credit.granted': 'credit_granted',
  'credit.declined': 'credit_declined',
  'application.cancelled': 'cancelled',
  'application.expired': 'expired',
} as const;

/**
 * received → refused* | submitted → verifying ⇄ needs_input → in_review → credit_granted | credit_declined*; cancelled*;
 * expired* (* terminal). Steps may be skipped forward; the only way back is verifying ⇄ needs_input. `action.required`
 * stands for the applicant being asked for more (type supplement), `action.completed` for the answer.
 */
export const APPLICATION_TRANSITIONS: TransitionTable<ApplicationStatus> = {
  screening: { 'application.received': 'received', 'application.refused': 'refused' },
  received: {
    'application.refused': 'refused',
    'application.submitted': 'submitted',
    'application.verifying': 'verifying',
    'action.required': 'needs_input',
    'application.in_review': 'in_review',
    ...OUTCOMES,
  },
  submitted: {
    'application.verifying': 'verifying',
    'action.required': 'needs_input',
    'application.in_review': 'in_review',
    ...OUTCOMES,
  },
  verifying: { 'action.required': 'needs_input', 'application.in_review': 'in_review', ...OUTCOMES },
  needs_input: {
    'application.verifying': 'verifying',
    'action.completed': 'verifying',
    'action.required': 'needs_input',
    'application.in_review': 'in_review',
    ...OUTCOMES,
  },
  in_review: OUTCOMES,
  credit_granted: {
    'credit.updated': 'credit_granted',
    'credit.expired': 'expired',
    'application.cancelled': 'cancelled',
  },
  refused: {},
  credit_declined: {},
  cancelled: {},
  expired: {},
};

export const TERMINAL_APPLICATION_STATUSES: ReadonlySet<ApplicationStatus> = new Set<ApplicationStatus>([
  'refused',
  'credit_declined',
  'cancelled',
  'expired',
]);
