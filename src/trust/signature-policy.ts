import type { Component } from './component.ts';

/** What a signature must satisfy beyond being right. Times in seconds. */
export type SignaturePolicy = {
  /** The `tag` by which our signature is told from those of others. */
  readonly tag: string;
  /** Longest `expires − created`. */
  readonly maxLifetimeSeconds: number;
  /** How far the signer's clock may be off, either way. */
  readonly clockSkewSeconds: number;
};

/** The policy of the native doors. */
export const nativePolicy: SignaturePolicy = { tag: 'sluice', maxLifetimeSeconds: 300, clockSkewSeconds: 30 };

/** What has to be covered depends only on whether the request has a query and a body. */
export type CoverageNeed = { readonly hasQuery: boolean; readonly hasBody: boolean };

/**
 * Identifiers that a signature over such a request must cover and does not; empty when it covers enough. `@target-uri`
 * stands for authority, path and query. Only bare identifiers count: `"content-digest";key="sha-256"` covers one member
 * and leaves the others open to exchange.
 */
export function missingComponents(components: readonly Component[], need: CoverageNeed): string[] {
  let mask = 0;
  for (const { name, options } of components) if (options === undefined) mask |= BITS[name] ?? 0;
  if ((mask & bit('@target-uri')) !== 0) mask |= bit('@authority') | bit('@path') | bit('@query');
  const missing = requiredMask(need) & ~mask;
  return missing === 0 ? NOTHING : REQUIRABLE.filter((name) => (missing & bit(name)) !== 0);
}

/** The identifiers to cover on such a request, in the order in which we name them. */
export function requiredComponents(need: CoverageNeed): string[] {
  const mask = requiredMask(need);
  return REQUIRABLE.filter((name) => (mask & bit(name)) !== 0);
}

const REQUIRABLE = ['@method', '@authority', '@path', '@query', 'content-type', 'content-digest'];
const NOTHING: string[] = [];
const BITS: Readonly<Record<string, number>> = Object.assign(
  Object.create(null) as Record<string, number>,
  Object.fromEntries([...REQUIRABLE, '@target-uri'].map((name, i) => [name, 1 << i])),
);

function bit(name: string): number {
  return BITS[name] ?? 0;
}

const ALWAYS = bit('@method') | bit('@authority') | bit('@path');
const WITH_QUERY = bit('@query');
const WITH_BODY = bit('content-type') | bit('content-digest');

function requiredMask({ hasQuery, hasBody }: CoverageNeed): number {
  return ALWAYS | (hasQuery ? WITH_QUERY : 0) | (hasBody ? WITH_BODY : 0);
}
