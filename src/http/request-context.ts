import { randomUUID } from 'node:crypto';
import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { CheckedRequest } from '../trust/raw-request.ts';

/** Ids, codes and counts. */
export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

/** What a door knows about one request; one object, filled in as the request passes the stages. */
export class RequestContext<P = unknown> {
  /** `req_…`, ours alone: nothing that a client sends can choose it. */
  readonly id: string = newRequestId();
  /** Monotonic milliseconds. */
  readonly startedAt: number = performance.now();
  /** The pattern, such as `/v1/applications/{id}`; never the path itself. */
  readonly route: string;
  /** Set once the bytes are read and found unambiguous. */
  request: CheckedRequest | undefined;
  /** Set once the caller is authenticated. */
  caller: Caller<P> | undefined;
  /** Problem code of the answer, for the log. */
  code: string | undefined;
  /** Pointers to fields that were ignored; told in `Sluice-Warnings`. */
  unknownFields: readonly string[] | undefined;
  /** Further texts for `Sluice-Warnings`: what the caller should change before it fails. */
  warnings: readonly string[] | undefined;
  /** Header fields of the answer, whatever it will be: what earlier stages want to tell the caller. */
  headers: readonly (readonly [name: string, value: string])[] | undefined;
  /** What the operation adds to its line in the log. */
  logFields: LogFields | undefined;

  constructor(route: string) {
    this.route = route;
  }
}

/** UUIDs come from a pool of random bytes; one system call for each request would be dear. */
function newRequestId(): string {
  return `req_${randomUUID().replaceAll('-', '')}`;
}

/** Who calls: `P` is whatever the door's authenticator found. */
export interface Caller<P> {
  readonly party: P;
  /** Id for logs and metrics; never a person's. */
  readonly label: string;
  readonly keyId?: string;
}

/** Hono's environment of every door; `P` is its party (never for a door without authentication). */
export interface DoorEnv<P = unknown> {
  Bindings: Partial<HttpBindings>;
  Variables: { request: RequestContext<P> };
}

export type DoorContext<P = unknown> = Context<DoorEnv<P>>;

/** The request as the door knows it. */
export function requestOf<P>(c: DoorContext<P>): RequestContext<P> {
  return c.get('request');
}

/**
 * Who called. Only operations that need no authentication have nobody.
 * @throws Error in such an operation: a fault of ours
 */
export function partyOf<P>(c: DoorContext<P>): P {
  const { caller } = c.get('request');
  if (caller === undefined) throw new Error('an operation without authentication asked for its party');
  return caller.party;
}

/** The body as it was sent; empty when there was none. For media types other than JSON. */
export function rawBodyOf<P>(c: DoorContext<P>): Uint8Array {
  return c.get('request').request?.body ?? NO_BODY;
}

const NO_BODY = new Uint8Array(0);

/** Adds to the one line that is logged of this request. Only ids, codes and counts: never an identity or a secret. */
export function addLogFields<P>(c: DoorContext<P>, fields: LogFields): void {
  const context = c.get('request');
  context.logFields = context.logFields === undefined ? fields : { ...context.logFields, ...fields };
}

/** Adds header fields to the answer, also when it turns out to be a problem. */
export function addAnswerHeaders<P>(c: DoorContext<P>, ...fields: readonly (readonly [string, string])[]): void {
  const context = c.get('request');
  context.headers = context.headers === undefined ? fields : [...context.headers, ...fields];
}

/** Adds to `Sluice-Warnings`; the text is a code and what it is about, in visible ASCII. */
export function addWarning<P>(c: DoorContext<P>, warning: string): void {
  const context = c.get('request');
  context.warnings = [...(context.warnings ?? []), warning];
}
