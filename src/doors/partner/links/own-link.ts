import { ProblemError } from '../../../http/problem.ts';
import { type PartnerLink, partnerLink } from '../../../intake/partner-links.ts';
import type { PartnerDeps } from '../partner-deps.ts';

/**
 * A partner's own link, agreed or made over the API.
 * @throws ProblemError `not_found` for an unknown code and, just so, for another partner's
 */
export async function ownLink(
  { intake, links }: Pick<PartnerDeps, 'intake' | 'links'>,
  partnerId: string,
  code: string,
): Promise<PartnerLink> {
  const link = await partnerLink(intake.registry(), links, partnerId, code);
  if (link === undefined) throw new ProblemError('not_found');
  return link;
}
