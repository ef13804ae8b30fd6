import { describe, expect, test } from 'vitest';
import { LINK_MACROS, linkFaults } from '../../../src/registry/validate-link.ts';

const RULES = { environment: 'live', publicHosts: ['gw.example.com', 'go.example.com'] } as const;
const LINK = { code: 'spring', landing: 'https://lender.example.com/start', pass: [], params: {} };

function codesOf(change: object, rules: Parameters<typeof linkFaults>[1] = RULES): string[] {
  return linkFaults({ ...LINK, ...change }, rules).map(({ path, code }) => `${path.join('/')} ${code}`);
}

describe('a link', () => {
  test('as it should be has no faults', () => {
    const params = Object.fromEntries(LINK_MACROS.map((macro) => [`x_${macro}`, `a{${macro}}b`]));
    expect(
      codesOf({ pass: ['utm_source'], params, host: 'go.example.com', fallback_url: 'https://a.example.com' }),
    ).toEqual([]);
    expect(codesOf({ landing: 'hosted', host: null, fallback_url: null })).toEqual([]);
  });

  test.each([
    [{ landing: 'http://lender.example.com/' }, 'landing url_not_allowed'],
    [{ landing: 'https://10.0.0.1/' }, 'landing url_not_allowed'],
    [{ fallback_url: 'https://user:pass@a.example.com/' }, 'fallback_url url_not_allowed'],
    [{ landing: 'https://go.example.com/r/spring' }, 'landing link_to_link'],
    [{ fallback_url: 'https://gw.example.com/r/other' }, 'fallback_url link_to_link'],
    [{ fallback_url: 'https://gw.example.com./r/other' }, 'fallback_url link_to_link'],
    [{ pass: ['utm_source', 'click'] }, 'pass/1 name_reserved'],
    [{ pass: ['sub10'] }, 'pass/0 name_reserved'],
    [{ params: { sub1: '{sub1}' } }, 'params/sub1 name_reserved'],
    [{ pass: ['utm_source'], params: { utm_source: 'us' } }, 'params/utm_source name_twice'],
    [{ params: { a: '{clickid}' } }, 'params/a unknown_macro'],
    [{ params: { a: '{click_id' } }, 'params/a unknown_macro'],
    [{ params: { a: 'click_id}' } }, 'params/a unknown_macro'],
    [{ host: 'evil.example.com' }, 'host host_unknown'],
    [{ code: 'stats' }, 'code code_reserved'],
    [{ code: 'batch' }, 'code code_reserved'],
    [{ code: 'assets' }, 'code code_reserved'],
  ])('with %j is refused, by the place and a code', (change, fault) => {
    expect(codesOf(change)).toEqual([fault]);
  });

  test('is believed its host where the public origins are not known', () => {
    expect(codesOf({ host: 'go.elsewhere.example' }, { environment: 'live' })).toEqual([]);
  });

  test('may lead to our other pages, and to loopback in the sandbox', () => {
    expect(codesOf({ fallback_url: 'https://gw.example.com/docs' })).toEqual([]);
    expect(codesOf({ landing: 'http://127.0.0.1:8080/' }, { environment: 'sandbox' })).toEqual([]);
    expect(codesOf({ landing: 'http://127.0.0.1:8080/' })).toEqual(['landing url_not_allowed']);
  });
});
