import fc from 'fast-check';
import { type AttributionFacts, decideAttribution, type Touch } from '../../src/attribution/decide-attribution.ts';
import type { VoidCode } from '../../src/attribution/why-codes.ts';
import { DAY_MS, SECOND_MS } from '../../src/base/clock.ts';
import type { TouchModel, TouchWindow } from '../../src/base/verdict.ts';

/** When applicants of these tests arrive. */
export const ARRIVAL = Date.parse('2026-03-02T04:00:00.000Z');
export const WINDOW: TouchWindow = { min_seconds: 15, max_days: 30, first_or_last: 'last' };

/** A click or a hand-off of a partner, so long before the arrival. */
export function touchOf(partnerId: string, ageMs: number, changes: Partial<Touch> = {}): Touch {
  const kind = changes.kind ?? 'click';
  return {
    kind,
    id: `${kind}-${partnerId}`,
    partnerId,
    linkCode: kind === 'click' ? `${partnerId}-link` : null,
    atMs: ARRIVAL - ageMs,
    window: WINDOW,
    ...changes,
  };
}

export function decide(facts: Partial<AttributionFacts>) {
  return decideAttribution({ touches: [], arrivedAtMs: ARRIVAL, ...facts });
}

/** Names that stand in no text by chance. */
export const PARTNERS = ['northwind', 'quokka', 'zephyr'] as const;

const MODELS = fc.constantFrom<TouchModel>('first', 'last');
const VOIDS = fc.constantFrom<VoidCode>('bot_click', 'entry_refused', 'partner_suspended', 'partner_terminated');
/** Ages at which something changes come up as often as all others together. */
const AGES_MS = fc.oneof(
  fc.constantFrom(
    0,
    15 * SECOND_MS - 1,
    15 * SECOND_MS,
    15 * SECOND_MS + 1,
    30 * DAY_MS,
    30 * DAY_MS + 1,
    -1,
    -SECOND_MS,
  ),
  fc.integer({ min: -DAY_MS, max: 40 * DAY_MS }),
);

/** Any touch; `changes` say what it has to be. */
export function anyTouch(changes: { readonly voids?: boolean; readonly model?: TouchModel } = {}) {
  return fc
    .record({
      partnerId: fc.constantFrom(...PARTNERS),
      kind: fc.constantFrom<Touch['kind']>('click', 'handoff'),
      id: fc.uuid(),
      ageMs: AGES_MS,
      model: changes.model === undefined ? MODELS : fc.constant(changes.model),
      void: changes.voids === false ? fc.constant(undefined) : fc.option(VOIDS, { nil: undefined, freq: 4 }),
    })
    .map(({ ageMs, model, void: voided, ...touch }) =>
      touchOf(touch.partnerId, ageMs, {
        ...touch,
        linkCode: touch.kind === 'click' ? `${touch.partnerId}-page` : null,
        window: { ...WINDOW, first_or_last: model },
        ...(voided ? { void: voided } : {}),
      }),
    );
}

export function anyTouches(changes: Parameters<typeof anyTouch>[0] = {}) {
  return fc.uniqueArray(anyTouch(changes), { selector: (one) => one.id, maxLength: 7 });
}

/** Anything that may be known of somebody who arrives. */
export function anyFacts() {
  const atMs = fc.integer({ min: 0, max: 40 * DAY_MS }).map((ageMs) => ARRIVAL - ageMs);
  const partnerId = fc.constantFrom(...PARTNERS);
  return fc
    .record({
      touches: anyTouches(),
      claims: fc.array(fc.record({ applicationId: fc.uuid(), partnerId: fc.option(partnerId), atMs }), {
        maxLength: 2,
      }),
      prechecks: fc.array(fc.record({ id: fc.uuid(), partnerId, atMs }), { maxLength: 2 }),
      submission: fc.option(fc.record({ id: fc.uuid(), partnerId }), { nil: undefined }),
    })
    .map(({ submission, ...facts }) => ({
      ...facts,
      ...(submission ? { submission } : {}),
      arrivedAtMs: ARRIVAL,
    }));
}
