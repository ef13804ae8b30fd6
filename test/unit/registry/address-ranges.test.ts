import { BlockList } from 'node:net';
import { performance } from 'node:perf_hooks';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type AddressRanges, readAddressRanges } from '../../../src/registry/address-ranges.ts';

function rangesOf(text: string): AddressRanges {
  const read = readAddressRanges(text);
  if (!read.ok) throw new Error(JSON.stringify(read.faults));
  return read.ranges;
}

const familyOf = (address: string) => (address.includes(':') ? 'ipv6' : 'ipv4');
const v4 = fc.ipV4();
const v6 = fc.ipV6();
const block = fc.oneof(fc.tuple(v4, fc.integer({ min: 0, max: 32 })), fc.tuple(v6, fc.integer({ min: 0, max: 128 })));

describe('ranges of addresses', () => {
  test('an address is found exactly when one of the blocks holds it, for IPv4 and IPv6', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 30 }), fc.oneof(v4, v6), (blocks, address) => {
        // The platform's list knows IPv4 addresses in IPv6 notation only as IPv6.
        fc.pre(![address, ...blocks.map(([text]) => text)].some((text) => /^[0:]*ffff:/i.test(text)));
        const ranges = rangesOf(blocks.map(([text, length]) => `${text}/${length}`).join('\n'));
        // One list a family: the platform's also finds every IPv4 address in ::/0.
        const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
        for (const [text, length] of blocks) lists[familyOf(text)].addSubnet(text, length, familyOf(text));
        for (const one of [address, ...blocks.map(([text]) => text)]) {
          expect(ranges.has(one)).toBe(lists[familyOf(one)].check(one, familyOf(one)));
        }
      }),
      { numRuns: 500 },
    );
  });

  test('first and last address of a block are in it, those beside it are not', () => {
    const ranges = rangesOf('192.0.2.64/26\n2001:db8:8000::/33\n198.51.100.7');
    for (const inside of ['192.0.2.64', '192.0.2.127', '2001:db8:8000::', '2001:db8:ffff:ffff::1', '198.51.100.7']) {
      expect(ranges.has(inside)).toBe(true);
    }
    for (const outside of [
      '192.0.2.63',
      '192.0.2.128',
      '2001:db8:7fff::',
      '2001:db9::',
      '198.51.100.8',
      'unknown',
      '',
    ]) {
      expect(ranges.has(outside)).toBe(false);
    }
  });

  test('an IPv4 address in IPv6 notation is the IPv4 address, in the list and in what is asked', () => {
    expect(rangesOf('192.0.2.0/24').has('::ffff:192.0.2.9')).toBe(true);
    expect(rangesOf('192.0.2.0/24').has('::FFFF:C000:209')).toBe(true);
    expect(rangesOf('::ffff:192.0.2.0/120').has('192.0.2.9')).toBe(true);
    expect(rangesOf('::ffff:192.0.2.0/120').has('192.0.3.9')).toBe(false);
  });

  test('comments, empty lines, Windows line ends and host bits are no faults', () => {
    const ranges = rangesOf('# a cloud\r\n\r\n 192.0.2.77/24 ; its first\r\n2001:db8::1/32 # and its second\r\n');
    expect(ranges.count).toBe(2);
    expect(ranges.has('192.0.2.1')).toBe(true);
    expect(ranges.has('2001:db8:1::')).toBe(true);
  });

  test('what is no block is named with its line, and nothing of the list is used', () => {
    expect(
      readAddressRanges('192.0.2.0/24\nexample.com\n192.0.2.0/33\n1.2.3.4/x\n2001:db8::/129\n10.0.0.0/8/8'),
    ).toEqual({
      ok: false,
      faults: [
        { line: 2, text: 'example.com' },
        { line: 3, text: '192.0.2.0/33' },
        { line: 4, text: '1.2.3.4/x' },
        { line: 5, text: '2001:db8::/129' },
        { line: 6, text: '10.0.0.0/8/8' },
      ],
    });
  });

  test('of a hundred thousand blocks one is found in less than two microseconds', () => {
    const lines = Array.from({ length: 100_000 }, (_, n) =>
      n % 3 === 0
        ? `2001:db8:${(n % 65_536).toString(16)}:${(n >> 4).toString(16)}::/64`
        : `${1 + (n % 200)}.${(n >> 8) & 255}.${n & 255}.0/25`,
    );
    const ranges = rangesOf(lines.join('\n'));
    const asked = Array.from({ length: 1_000 }, (_, n) =>
      n % 2 === 0 ? `2001:db8:${(n * 61).toString(16)}:${n}::1` : `${1 + (n % 220)}.${n % 256}.${(n * 7) % 256}.9`,
    );
    let [found, best] = [0, Number.POSITIVE_INFINITY];
    for (let round = 0; round < 20; round += 1) {
      const startMs = performance.now();
      for (const address of asked) if (ranges.has(address)) found += 1;
      best = Math.min(best, performance.now() - startMs);
    }
    process.stdout.write(
      `data centres: ${ranges.count} blocks, ${best.toFixed(3)} µs a look-up, ${found / 20} found\n`,
    );
    expect(best).toBeLessThan(2);
  });
});
