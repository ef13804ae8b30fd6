import { withoutIdentities } from '../applications/without-identities.ts';
import { identitiesOf } from './identities-of.ts';
import type { IntakeDeps } from './intake-deps.ts';

/** Words that mostly are a code, for which nobody's record need be opened. */
const CODE = /^[a-z0-9_]*$/;

/** A partner's words on why something ends, as they are kept: in the open, so without the applicant. */
export async function reasonInTheOpen(
  deps: Pick<IntakeDeps, 'store' | 'sealer'>,
  applicationId: string,
  reason: string,
): Promise<string> {
  if (CODE.test(reason)) return withoutIdentities(reason);
  return withoutIdentities(reason, await identitiesOf(deps, applicationId));
}
