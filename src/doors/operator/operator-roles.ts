import type { OperatorRole } from '../../operators/operator.ts';

/** Who may, besides admins: these roles, or any. */
export type Admitted = readonly OperatorRole[] | 'any';

const ANY: Admitted = 'any';
const ADMIN_ONLY: Admitted = [];

/**
 * Who may do what, by method and pattern. The door asks this table before it reads anything else of a request; what is not
 * in it is for admins alone. Each operation's description says the same in words, which a test compares.
 */
const ROLES: Readonly<Record<string, Admitted>> = {
  'GET /admin/v1/partners': ANY,
  'GET /admin/v1/keys': ['support'],
  'POST /admin/v1/keys': ADMIN_ONLY,
  'POST /admin/v1/keys/issue': ADMIN_ONLY,
  'POST /admin/v1/keys/{id}/rotate': ADMIN_ONLY,
  'POST /admin/v1/keys/{id}/revoke': ADMIN_ONLY,
  'GET /admin/v1/products': ANY,
  'GET /admin/v1/products/{id}': ANY,
  'POST /admin/v1/products/{id}/pause': ['risk'],
  'POST /admin/v1/products/{id}/resume': ['risk'],
  'GET /admin/v1/partners/{id}/funnel': ANY,
  'GET /admin/v1/partners/{id}/links': ANY,
  'GET /admin/v1/partners/{id}/links/stats': ANY,
  'GET /admin/v1/partners/{id}/links/{code}/variants': ANY,
  'GET /admin/v1/partners/{id}/links/{code}/page': ANY,
  'GET /admin/v1/lenders/{id}/daily-totals': ANY,
  'GET /admin/v1/receivables/{month}': ['finance', 'risk'],
  'GET /admin/v1/applications/{id}': ANY,
  'GET /admin/v1/applications/{id}/attribution': ANY,
  'GET /admin/v1/registrations/{id}': ANY,
  'POST /admin/v1/attribution/simulations': ['finance', 'risk'],
  'GET /admin/v1/partners/{id}/periods': ANY,
  'POST /admin/v1/partners/{id}/periods/{period}/review': ['finance'],
  'POST /admin/v1/partners/{id}/periods/{period}/refresh': ['finance'],
  'POST /admin/v1/partners/{id}/periods/{period}/lock': ['finance'],
  'POST /admin/v1/closings': ['finance'],
  'GET /admin/v1/partners/{id}/statements': ANY,
  'GET /admin/v1/partners/{id}/statements/{statement}': ANY,
  'GET /admin/v1/partners/{id}/statements/{statement}/lines.csv': ANY,
  'GET /admin/v1/partners/{id}/statements/{statement}/lines.xlsx': ANY,
  'GET /admin/v1/partners/{id}/statements/{statement}/print': ANY,
  'GET /admin/v1/partners/{id}/payments': ANY,
  'POST /admin/v1/partners/{id}/payments': ['finance'],
  'POST /admin/v1/partners/{id}/adjustments': ['finance'],
  'GET /admin/v1/partners/{id}/disputes': ANY,
  'POST /admin/v1/partners/{id}/disputes/{dispute}/resolve': ['finance'],
  'POST /admin/v1/partners/{id}/statements/{statement}/invoices/reject': ['finance'],
  'GET /admin/v1/partners/{id}/commissions': ANY,
  'GET /admin/v1/partners/{id}/balance': ANY,
  'POST /admin/v1/subjects/search': ['risk', 'support'],
  'POST /admin/v1/subjects/export': ['risk'],
  'POST /admin/v1/subjects/erase': ['risk'],
  'GET /admin/v1/alarms': ['risk'],
  'POST /admin/v1/alarms/{id}/acknowledge': ['risk'],
  'GET /admin/v1/quality': ANY,
  'POST /admin/v1/quality/{finding}/lift': ['risk'],
  'POST /admin/v1/quality/holds': ['risk'],
  'GET /admin/v1/lists/entries': ['risk'],
  'POST /admin/v1/lists/entries': ['risk'],
  'DELETE /admin/v1/lists/entries': ['risk'],
  'POST /admin/v1/lists/entries/search': ['risk'],
  'GET /admin/v1/lists/hits': ['risk'],
  'GET /admin/v1/appeals': ['risk'],
  'POST /admin/v1/appeals': ['risk'],
  'GET /admin/v1/appeals/{id}': ['risk'],
  'POST /admin/v1/appeals/{id}/answer': ['risk'],
  'GET /admin/v1/parked': ANY,
  'POST /admin/v1/parked/redrive': ['support'],
  'GET /admin/v1/lenders': ANY,
  'GET /admin/v1/lenders/{id}/events': ANY,
  'POST /admin/v1/lenders/{id}/probes': ['support'],
  'GET /admin/v1/deliveries/dead': ANY,
  'POST /admin/v1/deliveries/dead/drop': ['support'],
  'POST /admin/v1/deliveries/dead/redrive': ['support'],
  'GET /admin/v1/signing-keys': ANY,
  'POST /admin/v1/signing-keys/rotate': ADMIN_ONLY,
  'GET /sandbox/clock': ANY,
  'POST /sandbox/clock': ANY,
  'GET /admin/v1/operators': ADMIN_ONLY,
  'POST /admin/v1/operators': ADMIN_ONLY,
  'POST /admin/v1/operators/{name}/revoke': ADMIN_ONLY,
  'POST /admin/v1/operators/{name}/token': ADMIN_ONLY,
  'GET /admin/v1/audit': ['finance', 'risk'],
  'GET /admin/v1/audit/head': ['finance', 'risk'],
};

/** Who may call an operation besides admins; undefined for one that the table lacks. */
export function admittedTo(method: string, route: string): Admitted | undefined {
  return ROLES[`${method} ${route}`];
}

/** Every operation of the table. */
export const listedOperations: readonly string[] = Object.keys(ROLES);
