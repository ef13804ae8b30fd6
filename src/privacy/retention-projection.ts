import { isId } from '../base/ids.ts';
import type { EventType } from '../events/event.ts';
import type { Projection } from '../events/projection.ts';
import type { ApplicationEraser } from './application-eraser.ts';
import { begins } from './subject-projection.ts';

export const RETENTION_PROJECTION = 'retention';

/** Events with which an application's data is no longer needed, or is needed again. */
const RELEVANT: ReadonlySet<EventType> = new Set<EventType>([
  'application.refused',
  'application.cancelled',
  'application.expired',
  'credit.granted',
  'credit.declined',
  'credit.updated',
  'credit.expired',
  'loan.requested',
  'loan.declined',
  'loan.payout_failed',
  'loan.disbursed',
  'loan.settled',
  'loan.written_off',
  'loan.cancelled',
  'installment.reversed',
]);

/**
 * Keeps the due times of sealed data. They are worked out from the application as it is, not from the event, so a replay
 * gives the same list; what changes without one of these events is noticed when its time has come.
 */
export function createRetentionProjection(eraser: Pick<ApplicationEraser, 'schedule'>): Projection {
  return {
    name: RETENTION_PROJECTION,
    async apply(event) {
      const { type, subject } = event;
      if ((begins(event) || RELEVANT.has(type)) && isId('app', subject)) await eraser.schedule(subject);
    },
  };
}
