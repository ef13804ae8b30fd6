import { expect, test } from 'vitest';
import { touchOfClick } from '../../../src/attribution/touch-of-click.ts';

const facts = { id: 'clk_1', partner_id: 'acme', link_code: 'acme-home', at_ms: 1, bot: false, cause: null };
const touch = { kind: 'click', id: 'clk_1', partner_id: 'acme', link_code: 'acme-home', at_ms: 1 };

test.each(['paused', 'hours', 'capped', null])(
  'a click that went elsewhere because of %s is a touch like any other',
  (cause) => {
    expect(touchOfClick({ ...facts, cause })).toEqual(touch);
  },
);

test.each([
  [{ bot: true }, 'bot_click'],
  [{ cause: 'suspended' }, 'partner_suspended'],
  [{ cause: 'entry_unsigned' }, 'entry_refused'],
  [{ cause: 'entry_key_unknown' }, 'entry_refused'],
])('a click with %o can never count, and says why', (change, why) => {
  expect(touchOfClick({ ...facts, ...change })).toEqual({ ...touch, void: why });
});
