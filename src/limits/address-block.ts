const GROUPS_OF_64_BITS = 4;
const GROUPS = 8;

/**
 * What stands for one customer of the network: an IPv4 address, or the /64 of an IPv6 address, since a single host may use
 * all of that. Any other text stands for itself.
 */
export function addressBlock(address: string): string {
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const front = head === '' ? [] : head.split(':');
  if (tail === undefined) return blockOf(front);
  const back = tail === '' ? [] : tail.split(':');
  // An IPv4 address at the end stands for two groups, but those never reach into the first half.
  const given = front.length + back.length + (tail.includes('.') ? 1 : 0);
  return blockOf([...front, ...Array.from({ length: Math.max(0, GROUPS - given) }, () => '0'), ...back]);
}

function blockOf(groups: readonly string[]): string {
  const first = groups.slice(0, GROUPS_OF_64_BITS).map((group) => group.toLowerCase().replace(/^0+(?=.)/, ''));
  return `${first.join(':')}::/64`;
}
