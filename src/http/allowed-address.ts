import { BlockList, isIP } from 'node:net';

const compiled = new WeakMap<readonly string[], BlockList>();

/** Whether an address lies in one of the ranges (addresses or CIDR blocks). No ranges = every address. */
export function isAllowedAddress(ranges: readonly string[], address: string | undefined): boolean {
  if (ranges.length === 0) return true;
  if (address === undefined) return false;
  let list = compiled.get(ranges);
  if (list === undefined) {
    list = compile(ranges);
    compiled.set(ranges, list);
  }
  // A dual-stack socket writes IPv4 clients as ::ffff:192.0.2.1.
  const plain = address.startsWith('::ffff:') && address.includes('.') ? address.slice('::ffff:'.length) : address;
  return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
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
