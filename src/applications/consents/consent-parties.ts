import type { Application } from '../model.ts';

/** Who lends: of a product, or of an application once it is known better. */
interface Lending {
  readonly lender_id: string;
  readonly funders: readonly string[];
}

/** Who has to be named as recipient: the lender, and the funders that may lend; the one that does, once it is named. */
export function consentParties(
  { lender_id, funders }: Lending,
  application?: Pick<Application, 'funder_id' | 'funder_ids' | 'credit'>,
): readonly string[] {
  const named = application?.funder_id ?? application?.credit?.funder_id;
  if (named) return [lender_id, named];
  return [
    lender_id,
    ...(application === undefined || application.funder_ids.length === 0 ? funders : application.funder_ids),
  ];
}
