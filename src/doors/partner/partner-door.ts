import { createDoor } from '../../http/app.ts';
import { signedBy } from '../../http/authenticate.ts';
import { registerGetApplication } from './applications/get-application.ts';
import { registerGetAttribution } from './applications/get-attribution.ts';
import { registerListApplications } from './applications/list-applications.ts';
import { registerPostApplication } from './applications/post-application.ts';
import { registerPostApplicationQuote } from './applications/post-application-quote.ts';
import { registerGetBalance } from './commissions/get-balance.ts';
import { registerListCommissions } from './commissions/list-commissions.ts';
import { registerPostSignatureDiagnosis } from './diagnostics/post-signature-diagnosis.ts';
import { registerGetLinkStats } from './links/get-link-stats.ts';
import { registerListLinks } from './links/list-links.ts';
import { registerPostLink } from './links/post-link.ts';
import { registerChangeOwnEntries } from './lists/change-own-entries.ts';
import { registerCheckOwnLists } from './lists/check-own-lists.ts';
import { registerListOwnChanges } from './lists/list-own-changes.ts';
import { registerGetLoan } from './loans/get-loan.ts';
import { registerGetSchedule } from './loans/get-schedule.ts';
import { registerPostLoan } from './loans/post-loan.ts';
import type { PartnerDeps, PartnerDoor } from './partner-deps.ts';
import { registerDeletePrecheck } from './prechecks/delete-precheck.ts';
import { registerPostPrecheck } from './prechecks/post-precheck.ts';
import { registerPostPrecheckBatch } from './prechecks/post-precheck-batch.ts';
import { registerGetProduct } from './products/get-product.ts';
import { registerListProducts } from './products/list-products.ts';
import { registerPostProductQuote } from './products/post-product-quote.ts';
import { registerGetStatement } from './statements/get-statement.ts';
import { registerGetStatementCsv } from './statements/get-statement-csv.ts';
import { registerListStatementLines } from './statements/list-statement-lines.ts';
import { registerListStatements } from './statements/list-statements.ts';
import { registerGetWhoami } from './whoami/get-whoami.ts';

/** `/v1`: traffic partners, by signed requests. One line an operation, in the order of the documentation. */
export function createPartnerDoor(deps: PartnerDeps): PartnerDoor {
  const door: PartnerDoor = createDoor(
    {
      name: 'partner',
      authenticate: signedBy(deps.signed),
      alwaysSigned: (partner) => partner.sign_responses === 'always',
    },
    deps,
  );
  registerGetWhoami(door, deps);
  registerPostSignatureDiagnosis(door, deps, {
    path: '/v1/diagnostics/signature',
    operationId: 'diagnoseSignature',
    tag: 'Integration',
  });
  registerListProducts(door, deps);
  registerGetProduct(door, deps);
  registerPostProductQuote(door, deps);
  registerPostPrecheck(door, deps);
  registerPostPrecheckBatch(door, deps);
  registerDeletePrecheck(door, deps);
  registerPostApplication(door, deps);
  registerListApplications(door, deps);
  registerGetApplication(door, deps);
  registerGetAttribution(door, deps);
  registerPostApplicationQuote(door, deps);
  registerPostLoan(door, deps);
  registerGetLoan(door, deps);
  registerGetSchedule(door, deps);
  registerChangeOwnEntries(door, deps);
  registerCheckOwnLists(door, deps);
  registerListOwnChanges(door, deps);
  registerPostLink(door, deps);
  registerListLinks(door, deps);
  registerGetLinkStats(door, deps);
  registerListCommissions(door, deps);
  registerGetBalance(door, deps);
  registerListStatements(door, deps);
  registerGetStatement(door, deps);
  registerListStatementLines(door, deps);
  registerGetStatementCsv(door, deps);
  return door;
}
