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

/** An address without what depends on the socket: a dual-stack one writes IPv4 clients as ::ffff:192.0.2.1, others add a zone. */
export function plainAddress(address: string): string {
  if (address.startsWith('::ffff:') && address.includes('.')) return address.slice('::ffff:'.length);
  const zone = address.indexOf('%');
  return zone < 0 ? address : address.slice(0, zone);
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
