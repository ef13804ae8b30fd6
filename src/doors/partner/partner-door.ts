import { createDoor } from '../../http/app.ts';
import { signedBy, signedHeadBy } from '../../http/authenticate.ts';
import { registerPostAction } from './actions/post-action.ts';
import { registerResendAction } from './actions/resend-action.ts';
import { registerListApplicationAgreements } from './agreements/list-application-agreements.ts';
import { registerListProductAgreements } from './agreements/list-product-agreements.ts';
import { registerGetApplication } from './applications/get-application.ts';
import { registerGetAttribution } from './applications/get-attribution.ts';
import { registerListApplications } from './applications/list-applications.ts';
import { registerPostApplication } from './applications/post-application.ts';
import { registerPostApplicationQuote } from './applications/post-application-quote.ts';
import { registerPostCancellation } from './applications/post-cancellation.ts';
import { registerDeleteCard } from './cards/delete-card.ts';
import { registerListCards } from './cards/list-cards.ts';
import { registerPostCard } from './cards/post-card.ts';
import { registerGetBalance } from './commissions/get-balance.ts';
import { registerGetCommission } from './commissions/get-commission.ts';
import { registerListCommissions } from './commissions/list-commissions.ts';
import { registerPostConsentWithdrawal } from './consents/post-consent-withdrawal.ts';
import { registerPostSignatureDiagnosis } from './diagnostics/post-signature-diagnosis.ts';
import { registerPostDocument } from './documents/post-document.ts';
import { registerListEvents } from './events/list-events.ts';
import { registerPostHandoff } from './handoffs/post-handoff.ts';
import { registerGetLink } from './links/get-link.ts';
import { registerGetLinkQr } from './links/get-link-qr.ts';
import { registerGetLinkResults } from './links/get-link-results.ts';
import { registerGetLinkStats } from './links/get-link-stats.ts';
import { registerListLinkStats } from './links/list-link-stats.ts';
import { registerListLinks } from './links/list-links.ts';
import { registerPostLink } from './links/post-link.ts';
import { registerPostLinkBatch } from './links/post-link-batch.ts';
import { registerSwitchLink } from './links/switch-link.ts';
import { registerChangeOwnEntries } from './lists/change-own-entries.ts';
import { registerCheckOwnLists } from './lists/check-own-lists.ts';
import { registerListOwnChanges } from './lists/list-own-changes.ts';
import { registerGetLoan } from './loans/get-loan.ts';
import { registerGetRepayment } from './loans/get-repayment.ts';
import { registerGetSchedule } from './loans/get-schedule.ts';
import { registerListLoans } from './loans/list-loans.ts';
import { registerListRepayments } from './loans/list-repayments.ts';
import { registerPostLoan } from './loans/post-loan.ts';
import { registerPostLoanCancellation } from './loans/post-loan-cancellation.ts';
import { registerPostRepayment } from './loans/post-repayment.ts';
import { registerPostRepaymentQuote } from './loans/post-repayment-quote.ts';
import type { PartnerDeps, PartnerDoor } from './partner-deps.ts';
import { registerDeletePrecheck } from './prechecks/delete-precheck.ts';
import { registerPostPrecheck } from './prechecks/post-precheck.ts';
import { registerPostPrecheckBatch } from './prechecks/post-precheck-batch.ts';
import { registerGetProduct } from './products/get-product.ts';
import { registerListProducts } from './products/list-products.ts';
import { registerPostProductQuote } from './products/post-product-quote.ts';
import { Shelf } from './products/shelf.ts';
import { registerGetLinkQuality } from './quality/get-link-quality.ts';
import { registerListQuality } from './quality/list-quality.ts';
import { registerGetReconciliation } from './reconciliations/get-reconciliation.ts';
import { registerPostReconciliation } from './reconciliations/post-reconciliation.ts';
import { registerDisputes } from './statements/disputes.ts';
import { registerGetStatement } from './statements/get-statement.ts';
import { registerGetStatementFiles } from './statements/get-statement-files.ts';
import { registerListStatementLines } from './statements/list-statement-lines.ts';
import { registerListStatements } from './statements/list-statements.ts';
import { registerPostAcceptance } from './statements/post-acceptance.ts';
import { registerPostInvoice } from './statements/post-invoice.ts';
import { registerPostSupplement } from './supplements/post-supplement.ts';
import { registerListDeliveries } from './webhooks/list-deliveries.ts';
import { registerRetryDelivery } from './webhooks/retry-delivery.ts';
import { registerTestWebhook } from './webhooks/test-webhook.ts';
import { registerGetWhoami } from './whoami/get-whoami.ts';

/** `/v1`: traffic partners, by signed requests. One line an operation, in the order of the documentation. */
export function createPartnerDoor(deps: PartnerDeps): PartnerDoor {
  const door: PartnerDoor = createDoor(
    {
      name: 'partner',
      authenticate: signedBy(deps.signed),
      checkHead: signedHeadBy(deps.signed),
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
  const shelf = new Shelf({ ...deps.intake, catalogue: deps.catalogue });
  registerListProducts(door, shelf);
  registerGetProduct(door, shelf);
  registerListProductAgreements(door, deps);
  registerPostProductQuote(door, deps);
  registerPostPrecheck(door, deps);
  registerPostPrecheckBatch(door, deps);
  registerDeletePrecheck(door, deps);
  registerPostDocument(door, deps);
  registerPostApplication(door, deps);
  registerListApplications(door, deps);
  registerGetApplication(door, deps);
  registerGetAttribution(door, deps);
  registerListApplicationAgreements(door, deps);
  registerPostConsentWithdrawal(door, deps);
  registerPostSupplement(door, deps);
  registerPostAction(door, deps);
  registerResendAction(door, deps);
  registerPostCancellation(door, deps);
  registerListCards(door, deps);
  registerPostCard(door, deps);
  registerDeleteCard(door, deps);
  registerPostApplicationQuote(door, deps);
  registerPostLoan(door, deps);
  registerListLoans(door, deps);
  registerGetLoan(door, deps);
  registerGetSchedule(door, deps);
  registerPostLoanCancellation(door, deps);
  registerPostRepaymentQuote(door, deps);
  registerPostRepayment(door, deps);
  registerListRepayments(door, deps);
  registerGetRepayment(door, deps);
  registerChangeOwnEntries(door, deps);
  registerCheckOwnLists(door, deps);
  registerListOwnChanges(door, deps);
  registerPostHandoff(door, deps);
  registerPostLink(door, deps);
  registerPostLinkBatch(door, deps);
  registerListLinks(door, deps);
  registerListLinkStats(door, deps);
  registerGetLink(door, deps);
  registerSwitchLink(door, deps);
  registerGetLinkStats(door, deps);
  registerGetLinkQuality(door, deps);
  registerListQuality(door, deps);
  registerGetLinkQr(door, deps);
  registerGetLinkResults(door, deps);
  registerListEvents(door, deps);
  registerTestWebhook(door, deps);
  registerListDeliveries(door, deps);
  registerRetryDelivery(door, deps);
  registerListCommissions(door, deps);
  registerGetCommission(door, deps);
  registerGetBalance(door, deps);
  registerListStatements(door, deps);
  registerGetStatement(door, deps);
  registerListStatementLines(door, deps);
  registerGetStatementFiles(door, deps);
  registerPostAcceptance(door, deps);
  registerDisputes(door, deps);
  registerPostInvoice(door, deps);
  registerPostReconciliation(door, deps);
  registerGetReconciliation(door, deps);
  return door;
}
