import { lookup as systemLookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { type AddressKind, addressKind } from './address-kind.ts';

/** A connection was not opened, because of where it would have led. */
export class AddressRefusedError extends Error {
  override readonly name = 'AddressRefusedError';
}

export interface ConnectorOptions {
  /** Loopback may be called, over http too: in sandbox. */
  readonly allowLoopback: boolean;
  readonly connectTimeoutMs: number;
  /** Resolves names; the system's by default. */
  readonly lookup?: LookupFunction;
}

/**
 * Opens connections to public addresses over TLS only. Addresses are judged when a socket is opened, by the very lookup whose
 * answer the socket uses: a name that resolves to something else a moment later (DNS rebinding) gains nothing.
 */
export function guardedConnector(options: ConnectorOptions): buildConnector.connector {
  const { allowLoopback, connectTimeoutMs, lookup = systemLookup as LookupFunction } = options;
  const overTls: readonly AddressKind[] = allowLoopback ? ['public', 'loopback'] : ['public'];
  const inClear: readonly AddressKind[] = allowLoopback ? ['loopback'] : [];
  const connectorTo = (allowed: readonly AddressKind[]) =>
    buildConnector({ lookup: guardedLookup(lookup, allowed), timeout: connectTimeoutMs });
  const [tls, clear] = [connectorTo(overTls), connectorTo(inClear)];
  return (target, callback) => {
    const isTls = target.protocol === 'https:';
    // Sockets look nothing up where the host is an address already.
    const refused = isIP(target.hostname) === 0 ? undefined : refusal([target.hostname], isTls ? overTls : inClear);
    if (refused !== undefined) callback(refused, null);
    else (isTls ? tls : clear)(target, callback);
  };
}

/** Looks a name up and refuses it when any of its addresses is not of an allowed kind. */
function guardedLookup(lookup: LookupFunction, allowed: readonly AddressKind[]): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const addresses = Array.isArray(found) ? found : [];
      const fault =
        error ??
        refusal(
          addresses.map(({ address }) => address),
          allowed,
        );
      const [first] = addresses;
      if (fault) callback(fault, []);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first?.address ?? '', first?.family);
    });
  };
}

function refusal(addresses: readonly string[], allowed: readonly AddressKind[]): AddressRefusedError | undefined {
  if (addresses.length > 0 && addresses.every((address) => allowed.includes(addressKind(address)))) return undefined;
  return new AddressRefusedError('the host has an address that must not be called from here');
}
