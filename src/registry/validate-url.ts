import { BlockList, isIP } from 'node:net';
import type { Environment } from './counterparty-set.ts';

/** Why a counterparty's URL may not be called, or null. https to a public host; in sandbox, loopback over http too. */
export function urlFault(url: string, environment: Environment): string | null {
  if (!URL.canParse(url)) return 'is not a URL';
  const { protocol, hostname, username, password } = new URL(url);
  if (username !== '' || password !== '') return 'must not carry a user name or password';
  const host = hostname.replace(/^\[|\]$/g, '');
  if (isLoopback(host)) {
    return environment === 'sandbox' ? null : 'must be public: loopback addresses are for the sandbox';
  }
  if (protocol !== 'https:') {
    return environment === 'sandbox' ? 'must be https (http is allowed to loopback only)' : 'must be https';
  }
  return isPrivate(host) ? 'must be a public host' : null;
}

/** Addresses that are never a counterparty's public server (RFC 6890, RFC 4193, RFC 4291). */
const PRIVATE = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  PRIVATE.addSubnet(net, prefix, 'ipv4');
}
for (const [net, prefix] of [
  ['::', 127],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const) {
  PRIVATE.addSubnet(net, prefix, 'ipv6');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\./.test(host);
}

function isPrivate(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return !host.includes('.') || /\.(local|internal|localdomain|home\.arpa)$/.test(host);
  return PRIVATE.check(host, family === 4 ? 'ipv4' : 'ipv6');
}
