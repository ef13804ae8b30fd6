import { z } from 'zod';
import { mapBounded } from '../base/map-bounded.ts';
import type { RegisteredProduct, Registry } from '../registry/registry.ts';
import type { PlatformId } from './cast-errands.ts';
import type { PartnerClient } from './partner-client.ts';
import { AT_ONCE } from './send-applicants.ts';

const moneySchema = z.object({ amount: z.int(), currency: z.string() });
const grantedSchema = z.object({
  id: z.string(),
  partner_ref: z.string().nullable(),
  product_id: z.string(),
  requested: z.object({ term: z.int(), purpose: z.string() }).nullable(),
  credit: z.object({ status: z.string(), amount: moneySchema, available: moneySchema }).nullable(),
  loans: z.array(z.object({ id: z.string() })),
});
const pageSchema = z.object({ data: z.array(grantedSchema), next_cursor: z.string().nullable() });
const loanSchema = z.object({ id: z.string() });

type Granted = z.output<typeof grantedSchema>;

const PAGE = 200;

/** A loan that was answered with 201. */
export interface DrawnLoan {
  readonly partnerId: PlatformId;
  readonly loanId: string;
}

/** Which drawdown: the first of each applicant, or a further one where a limit may be drawn on again. */
export type Round = 1 | 2;

/**
 * Draws down for every applicant of a platform who was granted credit: all of it, or half of a revolving limit and the rest
 * in the second round. Who draws down at the lender alone is left alone.
 */
export async function drawDownGranted(client: PartnerClient, registry: Registry, round: Round): Promise<DrawnLoan[]> {
  const drawdowns = (await listGranted(client)).flatMap((granted) => {
    const drawdown = drawdownOf(granted, registry.products.get(granted.product_id), round);
    return drawdown === null ? [] : [{ path: `/v1/applications/${granted.id}/loans`, drawdown }];
  });
  return mapBounded(drawdowns, AT_ONCE / 2, async ({ path, drawdown }) => {
    const { id } = await client.post(path, drawdown, loanSchema);
    return { partnerId: client.id, loanId: id };
  });
}

async function listGranted(client: PartnerClient): Promise<Granted[]> {
  const found: Granted[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const after: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
    const page: z.output<typeof pageSchema> = await client.get(
      `/v1/applications?status=credit_granted&limit=${PAGE}${after}`,
      pageSchema,
    );
    found.push(...page.data);
    cursor = page.next_cursor;
  }
  return found;
}

function drawdownOf(granted: Granted, product: RegisteredProduct | undefined, round: Round) {
  const { credit, requested, loans, partner_ref: ref } = granted;
  if (product === undefined || credit?.status !== 'active' || requested === null || loans.length !== round - 1)
    return null;
  const amount = amountOf(product, credit.amount.amount, credit.available.amount, round);
  if (amount === 0) return null;
  return {
    partner_ref: `${ref}-L${round}`,
    amount: { amount, currency: product.currency },
    term: requested.term,
    term_unit: product.term.unit,
    purpose: requested.purpose,
  };
}

/** On the product's steps; 0 = nothing to draw in this round. */
function amountOf({ kind, amount }: RegisteredProduct, granted: number, available: number, round: Round): number {
  if (kind !== 'revolving') return round === 1 ? available : 0;
  const wanted = round === 1 ? Math.max(Math.floor(granted / 2), amount.min) : available;
  return wanted < amount.min ? 0 : wanted - ((wanted - amount.min) % amount.step);
}
