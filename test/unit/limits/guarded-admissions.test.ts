import { describe, expect, test } from 'vitest';
import type { AdmissionRequest, Admissions } from '../../../src/limits/admission.ts';
import { GuardedAdmissions } from '../../../src/limits/guarded-admissions.ts';

const REQUEST: AdmissionRequest = {
  partyId: 'acme',
  rate: { perSecond: 0.001, burst: 10 },
  keyId: 'k',
  nonce: 'n',
  nonceSeconds: 60,
};

/** Admissions whose Redis can be taken away. */
function breakable() {
  const state = { isAway: false, asked: 0, told: [] as boolean[] };
  const admissions: Admissions = {
    async admit() {
      state.asked += 1;
      if (state.isAway) throw new Error('Connection is closed.');
      return { kind: 'admitted', remaining: 9, fullInSeconds: 1 };
    },
  };
  const guarded = new GuardedAdmissions(admissions, { processes: 2, onLocal: (isLocal) => state.told.push(isLocal) });
  return { state, guarded };
}

async function outcomes(guarded: GuardedAdmissions, count: number, request = REQUEST): Promise<string[]> {
  const found: string[] = [];
  for (let index = 0; index < count; index += 1) {
    found.push(
      await guarded.admit(request).then(
        ({ kind }) => kind,
        () => 'unavailable',
      ),
    );
  }
  return found;
}

describe('with Redis away', () => {
  test('the local bucket still bounds, by this process’s share of the rate, and says so', async () => {
    const { state, guarded } = breakable();
    expect(await outcomes(guarded, 20)).toEqual(Array(20).fill('admitted'));
    state.isAway = true;
    expect(await outcomes(guarded, 8)).toEqual([...Array(5).fill('unavailable'), ...Array(3).fill('limited')]);
    expect(state.told).toEqual([true]);
    state.isAway = false;
    expect(await outcomes(guarded, 1, { ...REQUEST, partyId: 'summit' })).toEqual(['admitted']);
    expect(state.told).toEqual([true, false]);
  });

  test('what is over the local rate is limited without asking, so a flood does not wait for timeouts', async () => {
    const { state, guarded } = breakable();
    state.isAway = true;
    await outcomes(guarded, 5);
    const before = state.asked;
    expect(await outcomes(guarded, 10)).toEqual(Array(10).fill('limited'));
    expect(state.asked).toBe(before);
  });

  test('one party’s flood limits no other', async () => {
    const { state, guarded } = breakable();
    state.isAway = true;
    await outcomes(guarded, 20);
    expect(await outcomes(guarded, 1, { ...REQUEST, partyId: 'summit' })).toEqual(['unavailable']);
  });

  test('a flood of a party whose node is away does not wait for timeouts, while others are answered', async () => {
    let asked = 0;
    const oneNodeAway: Admissions = {
      async admit({ partyId }) {
        if (partyId === 'summit') return { kind: 'admitted', remaining: 9, fullInSeconds: 1 };
        asked += 1;
        throw new Error('Connection is closed.');
      },
    };
    const guarded = new GuardedAdmissions(oneNodeAway, { processes: 2, onLocal: () => undefined });
    for (let round = 0; round < 20; round += 1) {
      await outcomes(guarded, 1);
      expect(await outcomes(guarded, 1, { ...REQUEST, partyId: 'summit' })).toEqual(['admitted']);
    }
    expect(asked).toBe(5);
  });

  test('an error that is no outage is passed on, and changes nothing', async () => {
    const told: boolean[] = [];
    const broken: Admissions = { admit: async () => Promise.reject(new Error('ERR wrong script')) };
    const guarded = new GuardedAdmissions(broken, { processes: 1, onLocal: (isLocal) => told.push(isLocal) });
    await expect(guarded.admit(REQUEST)).rejects.toThrow('wrong script');
    expect(told).toEqual([]);
  });
});
