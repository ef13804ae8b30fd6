import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attributionView } from '../../../src/attribution/attribution-view.ts';
import { decideAttribution } from '../../../src/attribution/decide-attribution.ts';
import { DAY_MS, SECOND_MS } from '../../../src/base/clock.ts';
import type { AttributionVerdict } from '../../../src/base/verdict.ts';
import { attributionSchema } from '../../../src/doors/schemas/attribution-schema.ts';
import { anyFacts, decide, PARTNERS, touchOf } from '../../support/touches.ts';

const verdict = {
  ...decide({ touches: [touchOf('acme', 2 * DAY_MS), touchOf('summit', DAY_MS, { kind: 'handoff' })] }),
  terms: { main: 'summit-2026' },
};
const asAcme = { viewerId: 'acme', language: 'en' } as const;
const asOperator = { viewerId: null, language: 'en' } as const;

describe('a verdict as it is told', () => {
  test('a partner sees its own candidate whole and of another partner neither name, id, link, window nor terms', () => {
    const view = attributionView(verdict, asAcme);
    expect(view.winner).toEqual({
      partner_id: null,
      via: 'handoff',
      reason: 'last_touch',
      touch: { kind: 'handoff', id: null },
    });
    expect(view.terms).toEqual({});
    expect(
      view.candidates.map(({ touch, partner_id, link_code, window, why }) => [
        touch.id,
        partner_id,
        link_code,
        window?.min_seconds,
        why,
      ]),
    ).toEqual([
      [null, null, null, undefined, 'last_touch'],
      ['click-acme', 'acme', 'acme-link', 15, 'older_touch'],
    ]);
    expect(JSON.stringify(view)).not.toContain('summit');
  });

  test('what would tell about another partner is told as not counted, and about one’s own as it is', () => {
    const touches = [
      touchOf('acme', DAY_MS, { void: 'bot_click' }),
      touchOf('summit', DAY_MS, { void: 'partner_suspended' }),
    ];
    const whys = attributionView(decide({ touches }), asAcme).candidates.map(({ why }) => why);
    expect(whys).toEqual(['bot_click', 'not_counted']);
    expect(attributionView(decide({ touches }), asOperator).candidates[1]?.why).toBe('partner_suspended');
  });

  test('an operator sees every candidate, and the terms', () => {
    const view = attributionView(verdict, asOperator);
    expect(view.winner?.partner_id).toBe('summit');
    expect(view.terms).toEqual({ main: 'summit-2026' });
    expect(view.candidates.map((one) => one.partner_id)).toEqual(['summit', 'acme']);
  });

  test('the terms that price it stand in place of those of the verdict once they are pinned', () => {
    expect(attributionView(verdict, { ...asOperator, pins: { main: 'quoted' } }).terms).toEqual({ main: 'quoted' });
    expect(attributionView(verdict, { ...asOperator, pins: {} }).terms).toEqual({ main: 'summit-2026' });
  });

  test('who was refused is told of nobody else', () => {
    const submitted = decide({
      submission: { id: 'app_1', partnerId: 'acme' },
      touches: [touchOf('summit', DAY_MS), touchOf('acme', DAY_MS)],
    });
    const view = attributionView(submitted, { ...asAcme, isRefused: true });
    expect(view.candidates.map(({ touch }) => touch.id)).toEqual(['app_1', 'click-acme']);
    expect(view.explanation).toContain('1 other contact was looked at');
    expect(attributionView(submitted, { ...asOperator, isRefused: true }).candidates).toHaveLength(3);
  });

  test('nobody won: there is no winner', () => {
    const direct = decide({});
    expect(attributionView(direct, asAcme)).toEqual({
      model: 'last_valid',
      rule: { position: 4, name: 'direct' },
      winner: null,
      terms: {},
      explanation: 'Direct: no contact that counts brought the applicant (step 4 of 4). Nobody is paid a commission.',
      candidates: [],
      arrived_at: '2026-03-02T04:00:00.000Z',
      decided_at: '2026-03-02T04:00:00.000Z',
    });
  });

  test('a verdict of before rule, windows and arrival were kept is told all the same', () => {
    const { rule: _, arrived_at: __, terms: ___, candidates, ...old } = verdict;
    const stored: AttributionVerdict = {
      ...old,
      candidates: candidates.map(({ window: _window, link_code: _link, ...one }, index) => ({
        ...one,
        valid: index === 0,
      })),
    };
    const view = attributionView(stored, asOperator);
    expect(view).toMatchObject({ rule: { position: 3, name: 'touch' }, winner: { partner_id: 'summit' }, terms: {} });
    expect(attributionSchema.safeParse(view).success).toBe(true);
  });
});

describe('a verdict in words', () => {
  const row = (ageMs: number, changes = {}) =>
    attributionView(decide({ touches: [touchOf('acme', ageMs, changes)] }), asAcme);

  test('says to its partner what happened, in a sentence each', () => {
    const view = attributionView(
      { ...verdict, terms: { main: 'summit-2026' } },
      { viewerId: 'summit', language: 'en' },
    );
    expect(view.explanation).toBe(
      'It goes to you: the hand-off 1 day before was the last contact that counts (step 3 of 4: a valid click or hand-off). 1 other contact was looked at; each says below why it lost. Terms in force: summit-2026 (main).',
    );
    expect(view.candidates.map(({ why_text }) => why_text)).toEqual([
      'Your hand-off, 1 day before: the last contact that counts before the applicant came, so it wins.',
      'Another partner’s click, 2 days before: it would have counted, but there was a later contact that counts.',
    ]);
  });

  test('says it in Chinese', () => {
    const view = attributionView(verdict, { viewerId: 'acme', language: 'zh' });
    expect(view.explanation).toBe(
      '归属于另一家渠道：1 天前的联合登录是最后的有效触点（四步中的第 3 步：有效点击或联合登录）。共考虑了另外 1 个触点，落选原因见下。',
    );
    expect(view.candidates[1]?.why_text).toBe('您的点击（链接 acme-link），2 天前：本身有效，但之后还有有效触点。');
  });

  test('names the window that a touch has missed', () => {
    expect(row(10 * SECOND_MS).candidates[0]?.why_text).toBe(
      'Your click on link acme-link, 10 seconds before: too short before the applicant came; at least 15 seconds are asked for.',
    );
    expect(row(31 * DAY_MS).candidates[0]?.why_text).toContain('at most 30 days count');
    expect(row(-60 * SECOND_MS).candidates[0]?.why_text).toBe(
      'Your click on link acme-link, 1 minute after the applicant came: it came after the applicant did, so it did not bring them.',
    );
  });

  test('never contains the id, the link or the terms of another partner, and has a sentence for everything', () => {
    fc.assert(
      fc.property(
        anyFacts(),
        fc.constantFrom(...PARTNERS),
        fc.constantFrom('en', 'zh'),
        fc.boolean(),
        (facts, viewerId, language, isRefused) => {
          const decided = decideAttribution(facts);
          const terms: Record<string, string> =
            decided.partner_id === null ? {} : { main: `${decided.partner_id}-2026` };
          const view = attributionView({ ...decided, terms }, { viewerId, language, isRefused });
          const text = JSON.stringify(view);
          for (const other of PARTNERS.filter((one) => one !== viewerId)) expect(text).not.toContain(other);
          const others = decided.candidates.filter((one) => one.partner_id !== viewerId && one.partner_id !== null);
          for (const { touch } of others) expect(text).not.toContain(touch.id);
          for (const { why_text } of view.candidates) expect(why_text).toMatch(/\S{1,}.*[.。]$/);
          expect(text).not.toMatch(/undefined|\{seconds\}|\{days\}|null day/);
          expect(attributionSchema.safeParse(view).error).toBeUndefined();
        },
      ),
    );
  });
});
