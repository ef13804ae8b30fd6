import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fillMacros, type MacroValues, macrosOf } from '../../../src/delivery/postbacks/fill-macros.ts';
import { payoutStep } from '../../../src/delivery/postbacks/payout-memory.ts';
import { POSTBACK_MACROS } from '../../../src/registry/schema/event-names.ts';

const names = POSTBACK_MACROS.filter((name) => name !== 'sig');
const values = Object.fromEntries(names.map((name) => [name, `<${name}&1>`])) as MacroValues;

describe('macros', () => {
  test('every one of the catalogue is filled in, encoded, so that a value can never be read as something else', () => {
    const template = `https://t.example/p?${names.map((name) => `${name}={${name}}`).join('&')}`;
    const url = new URL(fillMacros(template, values, null));
    for (const name of names) expect(url.searchParams.get(name)).toBe(`<${name}&1>`);
    expect([...url.searchParams.keys()]).toHaveLength(names.length);
  });

  test('a value with any characters arrives as it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const url = fillMacros('https://t.example/p?a={sub1}&z=1', { ...values, sub1: text }, null);
        expect(new URL(url).searchParams.get('a')).toBe(text);
      }),
    );
  });

  test('the signature covers ts and the whole URL with nothing where it stands itself', () => {
    const secret = Buffer.from('a secret of the tracker');
    const template = 'https://t.example/p?c={click_id}&ts={ts}&s={sig}&e={event}';
    const url = fillMacros(
      template,
      { ...values, click_id: 'clk_1', ts: '1770000000', event: 'loan.disbursed' },
      secret,
    );
    const bare = 'https://t.example/p?c=clk_1&ts=1770000000&s=&e=loan.disbursed';
    const sig = createHmac('sha256', secret).update(`1770000000.${bare}`).digest('hex');
    expect(url).toBe(bare.replace('&s=&', `&s=${sig}&`));
  });

  test('are found by name', () => {
    expect(macrosOf('https://t.example/{sub10}?p={payout}')).toEqual(new Set(['sub10', 'payout']));
  });
});

/** Tells events one after the other; `fails` are sent once more before they arrive, `lost` never arrive. */
function tell(events: readonly { id: string; earned: bigint; fails?: boolean; lost?: boolean }[]) {
  let memory: string | undefined;
  const arrived: { payout: bigint; delta: bigint }[] = [];
  for (const { id, earned, fails = false, lost = false } of events) {
    let step = payoutStep(memory, id, earned);
    memory = step.before ?? memory;
    if (fails) step = payoutStep(memory, id, earned + 1_000n);
    if (lost) continue;
    memory = step.after;
    arrived.push({ payout: step.payout, delta: step.delta });
  }
  return { arrived, memory };
}

describe('payouts', () => {
  test('the changes that arrived always add up to the payout that arrived last', () => {
    const event = fc.record({
      earned: fc.bigInt({ min: -5_000n, max: 500_000n }),
      fails: fc.boolean(),
      lost: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(event, { maxLength: 12 }), (events) => {
        const { arrived } = tell(events.map((one, index) => ({ ...one, id: `evt_${index}` })));
        const sum = arrived.reduce((total, { delta }) => total + delta, 0n);
        expect(sum).toBe(arrived.at(-1)?.payout ?? 0n);
      }),
    );
  });

  test('what is sent again says the same, whatever has been earned since', () => {
    expect(tell([{ id: 'a', earned: 100n, fails: true }]).arrived).toEqual([{ payout: 100n, delta: 100n }]);
  });

  test('a second postback of the same event says the same as the first', () => {
    const { memory } = tell([
      { id: 'a', earned: 100n },
      { id: 'b', earned: 250n },
    ]);
    expect(payoutStep(memory, 'b', 999n)).toMatchObject({ payout: 250n, delta: 150n });
  });
});
