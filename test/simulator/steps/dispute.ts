import { derivedId } from '../../../src/base/ids.ts';
import type { Dispute } from '../../../src/revenue/settlement/dispute.ts';
import { type OpenDisputeOutcome, openDispute } from '../../../src/revenue/settlement/open-dispute.ts';
import { type Resolution, resolveDispute } from '../../../src/revenue/settlement/resolve-dispute.ts';
import type { WantedAdjustment } from '../doing.ts';
import type { Random } from '../random.ts';
import { must } from '../violation.ts';
import type { World } from '../world.ts';
import { anyPartner, booksOf, type Step } from './action.ts';

/** Disputes that a process has opened and answered; one whose answer was lost is found when it is opened again. */
const openedIn = new WeakMap<World, { readonly partnerId: string; readonly dispute: Dispute }[]>();

function disputesOf(world: World) {
  const known = openedIn.get(world) ?? [];
  openedIn.set(world, known);
  return known;
}

/** A partner holds something against lines of a draft or an issued statement. */
export const dispute: Step = (world, random) => {
  const partnerId = anyPartner(world, random);
  const books = booksOf(world, partnerId);
  const closing = [...books.states].filter(([, state]) => state === 'review' || state === 'locked').slice(-4);
  const [key] = random.pick(closing) ?? [];
  const [contract = '', period = ''] = key?.split('|') ?? [];
  const listed = random.some(books.linesIn(contract, period), 2);
  if (key === undefined || listed.length === 0) return null;
  const revision = books.revisions.get(key) ?? 1;
  const statementId = derivedId('stm', partnerId, contract, period);
  const lines = listed.map(({ id, amount }) => ({
    kind: 'amount' as const,
    commission_id: id,
    partner_ref: null,
    lender_ref: null,
    claimed: Number(amount) + random.between(-500, 500),
    note: 'simulated',
  }));
  return {
    label: `dispute ${lines.length} lines of ${period} of ${partnerId} ${contract}`,
    partnerId,
    doing: {},
    run: ({ store }) => openDispute(store, partnerId, statementId, { revision, lines }, world.clock.nowMs()),
    done(value) {
      const outcome = value as OpenDisputeOutcome;
      if (outcome.result === 'opened') disputesOf(world).push({ partnerId, dispute: outcome.dispute });
    },
  };
};

/** An operator decides on a dispute: as claimed, otherwise, or not at all. */
export const resolve: Step = (world, random) => {
  const { partnerId = '', dispute: opened } = random.pick(disputesOf(world).slice(-6)) ?? {};
  if (opened === undefined) return null;
  const books = booksOf(world, partnerId);
  // The same dispute is always decided the same way.
  const resolutions = opened.lines.map(({ no }) => resolutionOf(no, random));
  const adjustments = opened.lines.flatMap((line, at): WantedAdjustment[] => {
    const { result, amount } = resolutions[at] ?? {};
    const paid = books.line(line.commission_id ?? '').amount;
    const agreed = result === 'rejected' ? 0n : (amount ?? BigInt(line.claimed ?? 0) - paid);
    const { contract, period } = opened;
    return agreed === 0n
      ? []
      : [
          {
            contract,
            kind: 'dispute',
            amount: agreed,
            of: line.commission_id,
            period,
            once: `${opened.id} ${line.no}`,
          },
        ];
  });
  const versionsOf = (contract: string) => world.termsOf(partnerId).filter((terms) => terms.contract === contract);
  return {
    label: `resolve ${opened.id} of ${partnerId}: ${resolutions.map(({ result }) => result).join(', ')}`,
    partnerId,
    doing: { adjustments },
    run: ({ store }) =>
      resolveDispute(store, partnerId, opened.id, resolutions, { versionsOf, by: 'bob', nowMs: world.clock.nowMs() }),
    done(value) {
      const { result } = value as Awaited<ReturnType<typeof resolveDispute>>;
      const isKnown = result === 'resolved' || result === 'already' || result === 'resolved_otherwise';
      must('once', isKnown, `dispute ${opened.id} is answered ${result}`);
    },
  };
};

function resolutionOf(no: number, random: Random): Resolution {
  const result = random.pick(['accepted', 'adjusted', 'rejected'] as const) ?? 'rejected';
  const amount = result === 'adjusted' ? BigInt(random.between(-400, 400)) : null;
  return { no, result, amount, reason: 'simulated' };
}
