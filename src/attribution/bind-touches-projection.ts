import type { LogEvent } from '../events/event.ts';
import type { Projection } from '../events/projection.ts';
import type { BoundTouch, TouchStore } from './touch-store.ts';

/** Carries a click that was bound to a subject from the click's shard to the shards of the subject's tokens. */
export function createBindTouchesProjection(touches: TouchStore): Projection {
  return {
    name: 'attribution',
    async apply(event) {
      if (event.type !== 'click.bound') return;
      const { tokens, touch } = event.data as unknown as BoundData;
      await touches.bind(tokens, touch);
    },
  };
}

type BoundData = LogEvent['data'] & { readonly tokens: readonly string[]; readonly touch: BoundTouch };
