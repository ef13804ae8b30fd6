import { describe, expect, test } from 'vitest';
import { deriveOurKey, type OurKey, publicKeySet } from '../../../src/trust/our-keys.ts';
import { PublishedKeys } from '../../../src/trust/published-keys.ts';

const first = deriveOurKey('a root secret of the tests', 1);
const second = deriveOurKey('a root secret of the tests', 2);

function publishing(keys: OurKey[]) {
  const state = { keys, loads: 0 };
  const published = new PublishedKeys(async () => {
    state.loads += 1;
    return publicKeySet(state.keys);
  });
  return { state, published };
}

describe('the published keys of a gateway, as a client holds them', () => {
  test('are read once for all that they hold', async () => {
    const { state, published } = publishing([first, second]);
    expect(published.find(first.kid)).toBeUndefined();
    const found = await Promise.all([first, second, first].map(({ kid }) => published.findFresh(kid)));
    expect(found.map((key) => key?.id)).toEqual([first.kid, second.kid, first.kid]);
    expect(published.find(second.kid)?.alg).toBe('ed25519');
    expect(state.loads).toBe(1);
  });

  test('are read again for a key that came later', async () => {
    const { state, published } = publishing([first]);
    await published.findFresh(first.kid);
    state.keys = [second, first];
    expect((await published.findFresh(second.kid))?.id).toBe(second.kid);
    expect(state.loads).toBe(2);
  });

  test('are not read again and again for ids that nobody has', async () => {
    const { state, published } = publishing([first]);
    for (let i = 0; i < 10; i += 1) expect(await published.findFresh('nobody')).toBeUndefined();
    expect(state.loads).toBe(1);
    const outcomes: string[] = [];
    for (let i = 0; i < 10; i += 1) {
      await published.findFresh(`nobody-${i}`).then(
        () => outcomes.push('absent'),
        () => outcomes.push('not known'),
      );
    }
    // Whether there is such a key is then not known, which is another thing than that there is none.
    expect(outcomes).toEqual([...Array(3).fill('absent'), ...Array(7).fill('not known')]);
    expect(state.loads).toBe(4);
    expect(published.find(first.kid)?.id).toBe(first.kid);
  });
});
