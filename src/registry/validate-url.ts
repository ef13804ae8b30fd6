import { isIP } from 'node:net';
import { addressKind } from '../outbound/address-kind.ts';
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

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '::1' || /^127\./.test(host);
}

function isPrivate(host: string): boolean {
  const family = isIP(host);
  if (family === 0) return !host.includes('.') || /\.(local|internal|localdomain|home\.arpa)$/.test(host);
  return addressKind(host) !== 'public';
}
