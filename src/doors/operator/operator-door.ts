import { createDoor } from '../../http/app.ts';
import { operatorBearer } from '../../http/bearer.ts';
import { registerClock } from './clock.ts';
import { registerDeadDeliveries } from './dead-deliveries.ts';
import { registerListPartners } from './list-partners.ts';
import type { OperatorDeps, OperatorDoor } from './operator-deps.ts';
import { registerParkedEvents } from './parked-events.ts';
import { registerReadApplication } from './read-application.ts';
import { registerReadFunnel } from './read-funnel.ts';

/** `/admin/v1` and `/sandbox`: operators, by bearer token. One line an operation, in the order of the documentation. */
export function createOperatorDoor(deps: OperatorDeps): OperatorDoor {
  const door: OperatorDoor = createDoor({ name: 'operator', authenticate: operatorBearer(deps.bearer) }, deps);
  registerListPartners(door, deps);
  registerReadFunnel(door, deps);
  registerReadApplication(door, deps);
  registerParkedEvents(door, deps);
  registerDeadDeliveries(door, deps);
  registerClock(door, deps);
  return door;
}
