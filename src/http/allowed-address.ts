import { BlockList, isIP } from 'node:net';

const compiled = new WeakMap<readonly string[], BlockList>();

/** Whether an address lies in one of the ranges (addresses or CIDR blocks). No ranges = every address. */
export function isAllowedAddress(ranges: readonly string[], address: string | undefined): boolean {
  return ranges.length === 0 || isInRanges(ranges, address);
}

/** Whether an address lies in one of the ranges; in none of none. What is no address lies nowhere. */
export function isInRanges(ranges: readonly string[], address: string | undefined): boolean {
  if (ranges.length === 0 || address === undefined) return false;
  let list = compiled.get(ranges);
  if (list === undefined) {
    list = compile(ranges);
    compiled.set(ranges, list);
  }
  const plain = plainAddress(address);
  const family = isIP(plain);
  return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
}

const MAPPED = /^::ffff:(?:([\d.]+)|([\da-f]{1,4}):([\da-f]{1,4}))$/i;

/**
 * An address without what depends on who writes it: a dual-stack socket has IPv4 clients as ::ffff:192.0.2.1, some proxies
 * as ::FFFF:C000:201, others add a zone.
 */
export function plainAddress(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = MAPPED.exec(address);
  if (mapped !== null) return mapped[1] ?? ipv4Of(mapped[2] ?? '', mapped[3] ?? '');
  const zone = address.indexOf('%');
  return zone < 0 ? address : address.slice(0, zone);
}

/** The dotted form of the last two groups of an IPv6 address. */
function ipv4Of(high: string, low: string): string {
  return [high, low].flatMap((group) => [...Buffer.from(group.padStart(4, '0'), 'hex')]).join('.');
}

function compile(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}
