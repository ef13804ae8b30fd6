import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { landingAddress, readArriving } from '../../../src/doors/referral/landing-address.ts';

const CLICK = `clk_${'0'.repeat(32)}`;
const LANDINGS = [
  'https://lender.example',
  'https://lender.example?x=1#f',
  'https://lender.example/start?utm_source=own',
  'https://lender.example:8443/a%20b/?x=&y#f?click=no',
  'https://lender.example/?',
  'https://lender.example/#@evil.example/',
];
const NAMES = ['utm_source', 'utm_medium', '__proto__', 'constructor', 'click', 'sub1', 'x', 'gclid'];

const rawQuery = fc.oneof(
  fc.string({ maxLength: 60 }),
  fc
    .array(
      fc.tuple(
        fc.constantFrom(...NAMES, 'sub10', 'sub11', 'next', '//evil.example'),
        fc.string({ unit: 'binary', maxLength: 300 }),
      ),
      {
        maxLength: 6,
      },
    )
    .map((pairs) =>
      new URLSearchParams(
        pairs.map(([name, value]): [string, string] => [name, Buffer.from(value).toString()]),
      ).toString(),
    ),
  fc.constantFrom(
    '@evil.example',
    '#@evil.example',
    '\\\\evil.example',
    '.evil.example',
    '%0d%0aLocation:%20https://evil.example',
  ),
);

describe('where a link leads', () => {
  test('is never another host than the link’s, nor another path, whatever comes along', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...LANDINGS),
        rawQuery,
        fc.subarray(NAMES),
        fc.dictionary(fc.constantFrom('referrer', 'utm_source', 'af_sub'), fc.string({ maxLength: 40 })),
        (url, query, pass, params) => {
          const landing = { url, linkCode: 'home', partnerId: 'acme', pass, params };
          const address = landingAddress(landing, CLICK, readArriving(query, pass));
          const [there, own] = [new URL(address), new URL(url)];
          expect([there.protocol, there.host, there.pathname, there.hash]).toEqual([
            own.protocol,
            own.host,
            own.pathname,
            own.hash,
          ]);
          // What its own query says comes first and unchanged.
          expect([...there.searchParams].slice(0, [...own.searchParams].length)).toEqual([...own.searchParams]);
          expect(there.searchParams.getAll('click')).toEqual([CLICK]);
          const allowed = new Set([...own.searchParams.keys(), 'click', ...pass, ...Object.keys(params)]);
          for (const name of there.searchParams.keys()) {
            expect(allowed.has(name) || /^sub([1-9]|10)$/.test(name), name).toBe(true);
          }
          expect(address).toMatch(/^[\x21-\x7e]+$/);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('gets each parameter once: the link’s own before what a visitor sends', () => {
    const landing = {
      url: 'https://lender.example/?utm_source=own',
      linkCode: 'home',
      partnerId: 'acme',
      pass: ['utm_source', 'utm_medium', 'aff'],
      params: { aff: '{partner_id}' },
    };
    const arriving = readArriving('utm_source=theirs&utm_medium=a&utm_medium=b&aff=evil&sub1=&sub2=x', landing.pass);
    expect(landingAddress(landing, CLICK, arriving)).toBe(
      `https://lender.example/?utm_source=own&click=${CLICK}&sub2=x&utm_medium=a&aff=acme`,
    );
  });
});
