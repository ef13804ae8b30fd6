import type { Entry, SetOptions } from './counterparty-set.ts';
import type { FieldPath, Finding } from './registry-problem.ts';
import { POSTBACK_MACROS } from './schema/event-names.ts';
import type { TrafficPartner } from './schema/traffic-partner.ts';
import { linkFaults } from './validate-link.ts';
import { consentTextFindings } from './validate-product.ts';
import { urlFault } from './validate-url.ts';

const KNOWN_MACROS: ReadonlySet<string> = new Set(POSTBACK_MACROS);

/** Checks a traffic partner's addresses: links, callbacks, postbacks, JWKS, and what they need to work. */
export function validateChannels(entry: Entry<TrafficPartner>, options: SetOptions): Finding[] {
  const { file, value } = entry;
  const url = (path: FieldPath, address: string | undefined): Finding[] => {
    const fault = address === undefined ? null : urlFault(address, options.environment);
    return fault === null ? [] : [{ file, path, code: 'url_not_allowed', message: fault }];
  };
  return [
    ...url(['callbacks', 'url'], value.callbacks?.url),
    ...url(['jwks_url'], value.jwks_url),
    ...value.return_urls.flatMap((address, index) => url(['return_urls', index], address)),
    ...value.links.flatMap((link, index) =>
      linkFaults(link, options).map(({ path, ...fault }) => ({ file, path: ['links', index, ...path], ...fault })),
    ),
    ...value.postbacks.flatMap((postback, index) => postbackFindings(entry, index, postback.url, options)),
    ...value.consents_by_contract.flatMap((consent, index) =>
      consentTextFindings(file, ['consents_by_contract', index], consent, options),
    ),
    ...unsignedPlatform(entry),
  ];
}

function postbackFindings(
  entry: Entry<TrafficPartner>,
  index: number,
  template: string,
  options: SetOptions,
): Finding[] {
  const { file, value } = entry;
  const path: FieldPath = ['postbacks', index, 'url'];
  const found: Finding[] = [];
  const hostPart = template.replace(/^https?:\/\//, '').split(/[/?#]/)[0] ?? '';
  if (/[{}]/.test(hostPart)) {
    found.push({ file, path, code: 'macro_in_host', message: 'the host of a postback must not come from a macro' });
    return found;
  }
  const plain = template.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => {
    if (!KNOWN_MACROS.has(name)) {
      const hint = `known: ${POSTBACK_MACROS.map((macro) => `{${macro}}`).join(' ')}`;
      found.push({ file, path, code: 'unknown_macro', message: `unknown macro {${name}}`, hint });
    }
    return 'x';
  });
  if (/[{}]/.test(plain)) found.push({ file, path, code: 'unknown_macro', message: 'a brace without its other half' });
  const fault = urlFault(plain, options.environment);
  if (fault !== null) found.push({ file, path, code: 'url_not_allowed', message: fault });
  if (template.includes('{sig}') && value.callbacks === undefined) {
    const hint = 'add callbacks with a secret_env: {sig} is made with that secret';
    found.push({ file, path, code: 'secret_missing', message: '{sig} needs the secret of callbacks', hint });
  }
  return found;
}

function unsignedPlatform({ file, value }: Entry<TrafficPartner>): Finding[] {
  if (value.kind !== 'platform' || value.dialect !== 'openapi' || value.status !== 'active') return [];
  if (value.keys.length > 0 || value.jwks_url !== undefined) return [];
  const message = 'this platform has no key, so none of its requests can be verified';
  return [{ file, path: [], code: 'no_keys', message, hint: 'add keys or jwks_url', severity: 'warning' }];
}
