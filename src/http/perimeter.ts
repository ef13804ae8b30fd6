import { AddressGuard } from '../limits/address-guard.ts';
import { clientAddress } from './client-address.ts';
import { ProblemError } from './problem.ts';
import { problems } from './problem-catalogue.ts';
import { limitedBy } from './rate-limit-fields.ts';
import type { DoorContext } from './request-context.ts';

/** Who calls, as far as the network tells, and who of them has failed too often. One for all doors of a process. */
export class Perimeter {
  readonly #trustedProxies: readonly string[];
  readonly #guard = new AddressGuard();

  /** @param trustedProxies addresses and CIDR blocks whose `X-Forwarded-For` is believed */
  constructor(trustedProxies: readonly string[] = []) {
    this.#trustedProxies = trustedProxies;
  }

  /** Address of the client; empty without a socket. */
  addressOf<P>(c: DoorContext<P>): string {
    const incoming = c.env?.incoming;
    if (incoming === undefined) return clientAddress('', c.req.header(FORWARDED_FOR), this.#trustedProxies);
    const forwarded = incoming.headers[FORWARDED_FOR];
    const text = typeof forwarded === 'string' ? forwarded : forwarded?.join(',');
    return this.addressBehind(incoming.socket.remoteAddress, text);
  }

  /** The same of a socket and the lines of `X-Forwarded-For`, joined by commas. */
  addressBehind(socketAddress: string = '', forwardedFor: string | undefined): string {
    return clientAddress(socketAddress, forwardedFor, this.#trustedProxies);
  }

  /**
   * Turns an address away that has failed to authenticate too often, before anything of its request is read.
   * @throws ProblemError 429 `rate_limited`
   */
  assertOpen<P>(c: DoorContext<P>): void {
    if (this.#guard.isIdle) return;
    const seconds = this.#guard.secondsToWait(this.addressOf(c), () => claimedKey(c), Date.now() / 1_000);
    if (seconds === 0) return;
    throw limitedBy('address', 'too many requests from this address failed to authenticate', seconds);
  }

  /** Charges the address when the error says that nobody could be authenticated. */
  failed<P>(c: DoorContext<P>, error: unknown): void {
    if (!(error instanceof ProblemError) || problems[error.code].status !== UNAUTHENTICATED) return;
    this.#guard.failed(this.addressOf(c), claimedKey(c), Date.now() / 1_000);
  }

  /** Notes who could be authenticated where others have failed. */
  succeeded<P>(c: DoorContext<P>, keyId: string | undefined): void {
    if (this.#guard.isIdle || keyId === undefined) return;
    this.#guard.succeeded(this.addressOf(c), keyId);
  }
}

const FORWARDED_FOR = 'x-forwarded-for';
const UNAUTHENTICATED = 401;

/** The key id that a request claims to be signed with, before anything is known to be true of it. */
function claimedKey<P>(c: DoorContext<P>): string | undefined {
  const incoming = c.env?.incoming;
  const input = incoming === undefined ? c.req.header('signature-input') : incoming.headers['signature-input'];
  return typeof input === 'string' ? /;keyid="([^"\\]{1,256})"/.exec(input)?.[1] : undefined;
}
