import type { SimEvent } from '../event-log.ts';
import { must } from '../violation.ts';
import type { World } from '../world.ts';
import { type Action, anyPartner, type Step } from './action.ts';

const AT_ONCE = 8;

/** Things happen, and some of what waits is applied: of each application in order, of all of them in any. */
export const applyEvents: Step = (world, random) => {
  const partnerId = anyPartner(world, random);
  const count = random.between(0, 6);
  for (let at = 0; at < count; at += 1) world.log.happen(random, partnerId, world.clock.nowMs());
  const waiting = world.log.waiting(partnerId).filter((event) => !world.log.isTooEarly(event));
  // Some of it waits for long: periods are cut meanwhile.
  const most = Math.max(1, Math.floor(waiting.length * 0.7));
  return applying(world, 'apply', partnerId, random.some(waiting, random.between(1, Math.min(AT_ONCE, most))));
};

/** More at once than one script books. */
export const applyMany: Step = (world, random) => {
  const events = world.log.burst(random, 'acme', random.between(65, 140), world.clock.nowMs());
  return applying(world, 'apply', 'acme', events);
};

/** What was applied long ago, or a moment ago, is delivered again. */
export const applyAgain: Step = (world, random) => {
  const partnerId = anyPartner(world, random);
  const known = world.log.events.filter((event) => event.partnerId === partnerId && event.isAcknowledged);
  const some = random.chance(0.5) ? known.slice(-20) : known;
  return applying(world, 'apply again', partnerId, random.some(some, random.between(1, AT_ONCE)));
};

/** A payment of a loan that nobody knows yet: it is refused, and comes again later. */
export const applyTooEarly: Step = (world, random) => {
  const partnerId = anyPartner(world, random);
  return applying(world, 'apply too early', partnerId, random.some(world.log.early(partnerId), 2));
};

interface Applied {
  readonly event: SimEvent;
  readonly error: unknown;
}

/** All at once, as a reader of a shard's log does. */
export function applying(world: World, what: string, partnerId: string, events: readonly SimEvent[]): Action | null {
  if (events.length === 0) return null;
  const early = new Set(events.filter((event) => world.log.isTooEarly(event)));
  const named = events.slice(0, AT_ONCE).map(({ type, log }) => `${type} ${log.position}`);
  const names = events.length > AT_ONCE ? `${named.join(', ')} … ${events.length} in all` : named.join(', ');
  return {
    label: `${what} for ${partnerId}: ${names}`,
    partnerId,
    doing: { events },
    async run({ commission }) {
      const ends = await Promise.allSettled(events.map((event) => commission.apply(event.log)));
      const errors = ends.map((end) => (end.status === 'rejected' ? (end.reason as unknown) : null));
      const failed = errors.find((error) => error !== null && !isTooEarly(error));
      if (failed !== undefined) throw failed;
      return events.map((event, at): Applied => ({ event, error: errors[at] ?? null }));
    },
    done(value) {
      for (const { event, error } of value as Applied[]) {
        if (error === null) event.isAcknowledged = true;
        else must('nothing_lost', early.has(event), `${event.log.id} is refused though its loan is known: ${error}`);
      }
    },
  };
}

function isTooEarly(error: unknown): boolean {
  return error instanceof TypeError && error.message.includes('whose disbursal is not known here');
}
