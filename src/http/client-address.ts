import { isIP } from 'node:net';
import { isInRanges, plainAddress } from './allowed-address.ts';

/**
 * The address that a request comes from: the socket's, or, when that is a proxy of ours, the rightmost one of
 * `X-Forwarded-For` that is no proxy of ours. Each proxy appends the address that it was reached from, so what stands left
 * of that was written by whoever it is, and from anybody but our proxies the whole field is only what they say.
 * @param socketAddress empty without a socket
 * @param forwardedFor all lines of the field, joined by commas
 * @param trusted addresses and CIDR blocks of our proxies
 */
export function clientAddress(
  socketAddress: string,
  forwardedFor: string | undefined,
  trusted: readonly string[],
): string {
  let address = plainAddress(socketAddress);
  if (trusted.length === 0 || forwardedFor === undefined) return address;
  const hops = forwardedFor.split(',');
  for (let hop = hops.pop(); hop !== undefined && isInRanges(trusted, address); hop = hops.pop()) {
    const before = hopAddress(hop.trim());
    // A proxy that hides whom it serves (`unknown`) stands for them all.
    if (before === undefined) return address;
    address = before;
  }
  return address;
}

/** Some proxies write the port too: `192.0.2.1:4711`, `[2001:db8::1]:4711`. */
function hopAddress(hop: string): string | undefined {
  const bare = /^\[([^\]]+)\](?::\d+)?$/.exec(hop)?.[1] ?? /^([\d.]+):\d+$/.exec(hop)?.[1] ?? hop;
  const address = plainAddress(bare);
  return isIP(address) === 0 ? undefined : address;
}
