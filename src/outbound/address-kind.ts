import { BlockList, isIP } from 'node:net';

/** Where an address leads: `special` is everything that is neither the open Internet nor this machine. */
export type AddressKind = 'public' | 'loopback' | 'special';

/**
 * The kind of an IP address as text. Ranges are those of the IANA special-purpose registries (RFC 6890): private, link-local
 * (where clouds keep their metadata), shared, documentation, multicast. Of IPv6 only global unicast is public, without the
 * ranges that carry an IPv4 address within (6to4, Teredo, NAT64), since that could be any.
 */
export function addressKind(address: string): AddressKind {
  const family = isIP(address);
  if (family === 0) return 'special';
  const type = family === 4 ? 'ipv4' : 'ipv6';
  // BlockList reads IPv4-mapped IPv6 addresses as the IPv4 addresses that they are.
  if (LOOPBACK.check(address, type)) return 'loopback';
  if (SPECIAL.check(address, type)) return 'special';
  return family === 4 || GLOBAL_UNICAST.check(address, 'ipv6') ? 'public' : 'special';
}

const LOOPBACK = blockList(['127.0.0.0/8', '::1/128']);
const GLOBAL_UNICAST = blockList(['2000::/3']);
const SPECIAL = blockList([
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
]);

function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    list.addSubnet(address, Number(prefix), isIP(address) === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}
