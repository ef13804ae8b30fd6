import { z } from 'zod';
import { PARTNERS, type PartnerId } from './cast-errands.ts';
import type { OperatorClient } from './operator-client.ts';

const countsSchema = z.record(z.string(), z.int());
const funnelSchema = z.object({
  clicks: z.object({ raw: z.int() }),
  applications: z.int(),
  refused: z.int(),
  refused_by_reason: countsSchema,
  granted: z.int(),
  disbursed: z.object({ count: z.int(), principal: countsSchema }),
});

export type Funnel = z.output<typeof funnelSchema>;
export type Funnels = Readonly<Record<PartnerId, Funnel>>;

/** What became of the people whom each partner sent, as the gateway counted them. */
export async function readFunnels(operator: OperatorClient): Promise<Funnels> {
  const read = (id: PartnerId) => operator.get(`/admin/v1/partners/${id}/funnel`, funnelSchema);
  const entries = await Promise.all(PARTNERS.map(async (id) => [id, await read(id)] as const));
  return Object.fromEntries(entries) as Record<PartnerId, Funnel>;
}
