import { BlockList } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addressBlock } from '../../../src/limits/address-block.ts';
import { AddressGuard, FAILURES } from '../../../src/limits/address-guard.ts';

const NOW = 1_790_000_000;
const nobody = (): undefined => undefined;

function failing(times: number, address: string, key?: string, guard = new AddressGuard()): AddressGuard {
  for (let count = 0; count < times; count += 1) guard.failed(address, key, NOW);
  return guard;
}

describe('an address that fails to authenticate', () => {
  test('is looked at a hundred times at once, and then five times a second', () => {
    const address = '192.0.2.1';
    expect(failing(FAILURES.burst - 1, address).secondsToWait(address, nobody, NOW)).toBe(0);
    const guard = failing(FAILURES.burst, address);
    expect(guard.secondsToWait(address, nobody, NOW)).toBe(1);
    expect(guard.secondsToWait(address, nobody, NOW + 0.19)).toBe(1);
    expect(guard.secondsToWait(address, nobody, NOW + 0.21)).toBe(0);
    guard.failed(address, undefined, NOW + 0.21);
    expect(guard.secondsToWait(address, nobody, NOW + 0.22)).toBe(1);
    expect(guard.secondsToWait(address, nobody, NOW + 20)).toBe(0);
  });

  test('costs no other address anything', () => {
    const guard = failing(500, '192.0.2.1');
    expect(guard.secondsToWait('192.0.2.2', nobody, NOW)).toBe(0);
    expect(new AddressGuard().isIdle).toBe(true);
    expect(guard.isIdle).toBe(false);
  });

  test('is a whole /64 in IPv6', () => {
    const guard = failing(FAILURES.burst, '2001:db8:1:2:3:4:5:6');
    expect(guard.secondsToWait('2001:db8:1:2::9', nobody, NOW)).toBe(1);
    expect(guard.secondsToWait('2001:db8:1:3::9', nobody, NOW)).toBe(0);
  });

  test('does not shut out a neighbour whose key has signed well from there, until that key fails as often', () => {
    const address = '192.0.2.1';
    const guard = failing(1, address);
    guard.succeeded(address, 'acme-ed');
    failing(FAILURES.burst, address, 'stranger', guard);
    expect(guard.secondsToWait(address, () => 'stranger', NOW)).toBe(1);
    expect(guard.secondsToWait(address, () => 'acme-ed', NOW)).toBe(0);
    failing(FAILURES.burst, address, 'acme-ed', guard);
    expect(guard.secondsToWait(address, () => 'acme-ed', NOW)).toBe(1);
  });

  test('is forgotten for others when there are too many of them, so that memory is bounded', () => {
    const guard = failing(FAILURES.burst, '192.0.2.1');
    for (let count = 0; count < 100_000; count += 1) guard.failed(`host-${count}`, undefined, NOW);
    expect(guard.secondsToWait('192.0.2.1', nobody, NOW)).toBe(0);
  });
});

describe('what stands for one customer of the network', () => {
  const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
  const full = fc.array(group, { minLength: 8, maxLength: 8 });

  test('is the same for two addresses exactly when they lie in one /64', () => {
    fc.assert(
      fc.property(full, full, fc.boolean(), (one, other, shareHalf) => {
        const [a, b] = [one.join(':'), [...(shareHalf ? one : other).slice(0, 4), ...other.slice(4)].join(':')];
        const list = new BlockList();
        list.addSubnet(a, 64, 'ipv6');
        expect(addressBlock(a) === addressBlock(b)).toBe(list.check(b, 'ipv6'));
      }),
    );
  });

  test('does not depend on how an address is written', () => {
    const same = ['2001:db8::1', '2001:0DB8:0:0:0:0:0:1', '2001:db8:0:0::ffff', '2001:db8::192.0.2.1'];
    expect(new Set(same.map(addressBlock))).toEqual(new Set(['2001:db8:0:0::/64']));
    expect(addressBlock('::1')).toBe('0:0:0:0::/64');
    expect(addressBlock('192.0.2.1')).toBe('192.0.2.1');
  });
});
