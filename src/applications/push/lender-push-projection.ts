import type { Projection } from '../../events/projection.ts';

/**
 * Tells the sender in this process that a shard has something to send. What is to be sent stands in the outbox since the
 * change that made it necessary; the log only makes it known at once to whoever reads the shard.
 * @param kick cheap; many calls become one look
 */
export function createLenderPushProjection(kick: (shard: number) => void): Projection {
  return {
    name: 'lender-push',
    async apply(event) {
      if (event.type === 'application.received' || event.type === 'loan.requested') kick(event.shard);
    },
  };
}
