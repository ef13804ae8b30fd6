import { createDoor } from '../../http/app.ts';
import { operatorBearer } from '../../http/bearer.ts';
import { registerAlarms } from './alarms/alarms.ts';
import { registerAnswerAnyAppeal } from './appeals/answer-any-appeal.ts';
import { registerAppeals } from './appeals/appeals.ts';
import { registerReadAudit } from './audit/read-audit.ts';
import { registerClock } from './clock.ts';
import { registerDeadDeliveries } from './dead-deliveries.ts';
import { registerEndKey } from './keys/end-key.ts';
import { registerListKeys } from './keys/list-keys.ts';
import { registerMakeKey } from './keys/make-key.ts';
import { registerListPartners } from './list-partners.ts';
import { registerChangeAnyEntries } from './lists/change-any-entries.ts';
import { registerListHits } from './lists/list-hits.ts';
import { registerReadEntries } from './lists/read-entries.ts';
import type { OperatorDeps, OperatorDoor } from './operator-deps.ts';
import { admittedTo } from './operator-roles.ts';
import { registerOperators } from './operators/operators.ts';
import { registerParkedEvents } from './parked-events.ts';
import { registerClosePeriod } from './periods/close-period.ts';
import { registerListPeriods } from './periods/list-periods.ts';
import { registerPostClosings } from './periods/post-closings.ts';
import { registerReadApplication } from './read-application.ts';
import { registerReadFunnel } from './read-funnel.ts';
import { registerPartnerRevenue } from './revenue/partner-revenue.ts';
import { registerPartnerStatement } from './revenue/partner-statement.ts';
import { registerSigningKeys } from './signing-keys.ts';
import { registerEraseSubject } from './subjects/erase-subject.ts';
import { registerExportSubject } from './subjects/export-subject.ts';
import { registerSearchSubject } from './subjects/search-subject.ts';

/** `/admin/v1` and `/sandbox`: operators, by bearer token. One line an operation, in the order of the documentation. */
export function createOperatorDoor(deps: OperatorDeps): OperatorDoor {
  const door: OperatorDoor = createDoor(
    { name: 'operator', authenticate: operatorBearer(deps.bearer, admittedTo) },
    deps,
  );
  registerListPartners(door, deps);
  registerListKeys(door, deps);
  registerMakeKey(door, deps);
  registerEndKey(door, deps);
  registerReadFunnel(door, deps);
  registerReadApplication(door, deps);
  registerSearchSubject(door, deps);
  registerExportSubject(door, deps);
  registerEraseSubject(door, deps);
  registerAlarms(door, deps);
  registerReadEntries(door, deps);
  registerChangeAnyEntries(door, deps);
  registerListHits(door, deps);
  registerAppeals(door, deps);
  registerAnswerAnyAppeal(door, deps);
  registerListPeriods(door, deps);
  registerClosePeriod(door, deps);
  registerPostClosings(door, deps);
  registerPartnerRevenue(door, deps);
  registerPartnerStatement(door, deps);
  registerParkedEvents(door, deps);
  registerDeadDeliveries(door, deps);
  registerSigningKeys(door, deps);
  registerClock(door, deps);
  registerOperators(door, deps);
  registerReadAudit(door, deps);
  return door;
}
