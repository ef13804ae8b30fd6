import type { LogEvent } from '../events/event.ts';
import type { Projection } from '../events/projection.ts';
import type { ClickStore } from './clicks/click-store.ts';
import type { BoundTouch, TouchStore } from './touch-store.ts';

/**
 * Carries a click that was bound to a subject from the click's shard to the shards of the subject's tokens. The log
 * remembers for longer than it may be known whose click it was: one that was unbound since, or is gone, is carried nowhere.
 */
export function createBindTouchesProjection(
  touches: Pick<TouchStore, 'bind' | 'unbind'>,
  clicks: Pick<ClickStore, 'isBound'>,
): Projection {
  const isBound = (tokens: readonly string[], { kind, id }: BoundTouch): Promise<boolean> | boolean =>
    kind !== 'click' || clicks.isBound(id, tokens);
  return {
    name: 'attribution',
    async apply(event) {
      if (event.type !== 'click.bound') return;
      const { tokens, touch } = event.data as unknown as BoundData;
      if (!(await isBound(tokens, touch))) return;
      await touches.bind(tokens, touch);
      // Unbound at the same moment: whoever did it may have looked for touches before this one was there.
      if (!(await isBound(tokens, touch))) await touches.unbind(tokens, touch);
    },
  };
}

type BoundData = LogEvent['data'] & { readonly tokens: readonly string[]; readonly touch: BoundTouch };
