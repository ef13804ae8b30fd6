import type { IntakeDeps } from '../../src/intake/intake-deps.ts';
import type { Registry } from '../../src/registry/registry.ts';
import type { Lender } from '../../src/registry/schema/lender.ts';
import type { LiveOutcome } from '../../src/screening/live/live-answer.ts';
import { LivePrechecks } from '../../src/screening/live/live-prechecks.ts';
import { deriveOurKey } from '../../src/trust/our-keys.ts';
import type { TestIntake } from './intake.ts';

export const OUR_KEY = deriveOurKey('a root secret of the test');

export interface LiveIntake {
  readonly deps: IntakeDeps;
  /** Every time a lender was to be asked: which, and what came of it. */
  readonly outcomes: (readonly [lender: string, outcome: LiveOutcome])[];
  readonly breakers: (readonly [lender: string, isOpen: boolean])[];
  close(): Promise<void>;
}

/** An intake some of whose lenders are asked live, at these cores. */
export function liveIntake(
  intake: TestIntake,
  cores: Readonly<Record<string, { readonly url: string; readonly precheck: Partial<Lender['precheck']> }>>,
  over: Partial<IntakeDeps> = {},
): LiveIntake {
  const outcomes: LiveIntake['outcomes'] = [];
  const breakers: LiveIntake['breakers'] = [];
  const lenders = new Map(
    [...intake.registry.lenders].map(([id, lender]) => {
      const precheck = { ...lender.precheck, mode: 'live' as const, ...cores[id]?.precheck };
      return [id, cores[id] === undefined ? lender : { ...lender, precheck }];
    }),
  );
  const registry: Registry = { ...intake.registry, lenders };
  const live = new LivePrechecks({
    coreOf: (id) => {
      const core = cores[id];
      return core && { url: core.url, signingKey: OUR_KEY.signingKey };
    },
    clock: intake.clock,
    observer: {
      answered: (lender, outcome) => void outcomes.push([lender, outcome]),
      breaker: (lender, isOpen) => void breakers.push([lender, isOpen]),
    },
  });
  const deps = { ...intake.deps, registry: () => registry, live, ...over };
  return { deps, outcomes, breakers, close: () => live.close() };
}
