import { createDoor } from '../../http/app.ts';
import { operatorBearer } from '../../http/bearer.ts';
import { registerClock } from './clock.ts';
import { registerDeadDeliveries } from './dead-deliveries.ts';
import { registerListPartners } from './list-partners.ts';
import type { OperatorDeps, OperatorDoor } from './operator-deps.ts';
import { registerParkedEvents } from './parked-events.ts';
import { registerClosePeriod } from './periods/close-period.ts';
import { registerListPeriods } from './periods/list-periods.ts';
import { registerPostClosings } from './periods/post-closings.ts';
import { registerReadApplication } from './read-application.ts';
import { registerReadFunnel } from './read-funnel.ts';
import { registerPartnerRevenue } from './revenue/partner-revenue.ts';
import { registerPartnerStatement } from './revenue/partner-statement.ts';

/** `/admin/v1` and `/sandbox`: operators, by bearer token. One line an operation, in the order of the documentation. */
export function createOperatorDoor(deps: OperatorDeps): OperatorDoor {
  const door: OperatorDoor = createDoor({ name: 'operator', authenticate: operatorBearer(deps.bearer) }, deps);
  registerListPartners(door, deps);
  registerReadFunnel(door, deps);
  registerReadApplication(door, deps);
  registerListPeriods(door, deps);
  registerClosePeriod(door, deps);
  registerPostClosings(door, deps);
  registerPartnerRevenue(door, deps);
  registerPartnerStatement(door, deps);
  registerParkedEvents(door, deps);
  registerDeadDeliveries(door, deps);
  registerClock(door, deps);
  return door;
}
