import type { Environment } from './counterparty-set.ts';
import type { FieldPath } from './registry-problem.ts';
import type { LinkSpec } from './schema/channels.ts';
import type { Variant } from './schema/variants.ts';
import { urlFault } from './validate-url.ts';

const SUB_IDS = Array.from({ length: 10 }, (_, index) => `sub${index + 1}`);

/** Macros of a link's `params`, written in braces there. */
export const LINK_MACROS: readonly string[] = ['click_id', 'link', 'partner_id', ...SUB_IDS];

/** Parameters that every landing gets from us: nothing else may be called so. */
const OURS: ReadonlySet<string> = new Set(['click', ...SUB_IDS]);

const KNOWN_MACROS: ReadonlySet<string> = new Set(LINK_MACROS);
const KNOWN_HINT = `known: ${LINK_MACROS.map((macro) => `{${macro}}`).join(' ')}`;

/** Codes that are words of our own paths: `/v1/links/<word>`, and `/apply/assets/…` beside `/apply/<code>/result`. */
const RESERVED_CODES: ReadonlySet<string> = new Set(['batch', 'stats', 'assets']);

/** What is wrong with a link beyond the shape of its fields. */
export interface LinkFault {
  /** Within the link, such as `['params', 'referrer']`. */
  readonly path: FieldPath;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

export interface LinkRules {
  readonly environment: Environment;
  /** Authorities of the public origins, such as `go.example` or `go.example:8443`; absent = they are not known here. */
  readonly publicHosts?: readonly string[] | undefined;
}

type LinkFacts = Pick<LinkSpec, 'landing' | 'pass' | 'params'> & {
  /** Absent = it will be made. */
  readonly code?: string | undefined;
  readonly fallback_url?: string | null | undefined;
  readonly host?: string | null | undefined;
  readonly variants?: readonly Variant[] | undefined;
};

/** Judges a link the same way whether it stands in a partner's file or is made over the API. */
export function linkFaults(link: LinkFacts, rules: LinkRules): LinkFault[] {
  return [
    ...codeFaults(link.code),
    ...addressFaults(['landing'], link.landing === 'hosted' ? null : link.landing, rules),
    ...addressFaults(['fallback_url'], link.fallback_url ?? null, rules),
    ...(link.variants ?? []).flatMap(({ landing = 'hosted' }, index) =>
      addressFaults(['variants', index, 'landing'], landing === 'hosted' ? null : landing, rules),
    ),
    ...link.pass.flatMap((name, index) => nameFaults(['pass', index], name)),
    ...Object.entries(link.params).flatMap(([name, value]) => [
      ...nameFaults(['params', name], name),
      ...passedTwice(link.pass, name),
      ...macroFaults(['params', name], value),
    ]),
    ...hostFaults(link.host ?? null, rules),
  ];
}

function codeFaults(code: string | undefined): LinkFault[] {
  if (code === undefined || !RESERVED_CODES.has(code)) return [];
  return [{ path: ['code'], code: 'code_reserved', message: `${code} is a word of our own addresses: choose another` }];
}

function addressFaults(path: FieldPath, address: string | null, rules: LinkRules): LinkFault[] {
  if (address === null) return [];
  const fault = urlFault(address, rules.environment);
  if (fault !== null) return [{ path, code: 'url_not_allowed', message: fault }];
  const { host, pathname } = new URL(address);
  // A dot at the end of a name is the same name (RFC 3986 §3.2.2).
  if (!rules.publicHosts?.includes(host.replace(/\.(?=$|:)/, '')) || !pathname.startsWith('/r/')) return [];
  return [{ path, code: 'link_to_link', message: 'must not be a link of ours: a browser could go in circles' }];
}

function nameFaults(path: FieldPath, name: string): LinkFault[] {
  if (!OURS.has(name)) return [];
  return [{ path, code: 'name_reserved', message: `${name} is ours: click and sub1 … sub10 go along by themselves` }];
}

function passedTwice(pass: readonly string[], name: string): LinkFault[] {
  if (!pass.includes(name)) return [];
  return [
    { path: ['params', name], code: 'name_twice', message: `${name} stands in pass too: which of them is meant?` },
  ];
}

function macroFaults(path: FieldPath, value: string): LinkFault[] {
  const faults: LinkFault[] = [];
  const plain = value.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => {
    if (!KNOWN_MACROS.has(name)) {
      faults.push({ path, code: 'unknown_macro', message: `unknown macro {${name}}`, hint: KNOWN_HINT });
    }
    return '';
  });
  if (/[{}]/.test(plain)) faults.push({ path, code: 'unknown_macro', message: 'a brace without its other half' });
  return faults;
}

function hostFaults(host: string | null, { publicHosts }: LinkRules): LinkFault[] {
  if (host === null || publicHosts === undefined || publicHosts.includes(host)) return [];
  const message = `${host} is none of the public origins`;
  return [{ path: ['host'], code: 'host_unknown', message, hint: `known: ${publicHosts.join(' ')}` }];
}
