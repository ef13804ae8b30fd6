import { importVerificationKey, type KeySpec as TrustKeySpec } from '../trust/import-key.ts';
import type { CounterpartySet, SetOptions } from './counterparty-set.ts';
import { duplicates } from './reference-findings.ts';
import type { FieldPath, Finding } from './registry-problem.ts';
import { asKeySpec } from './schema/entry-links.ts';
import type { KeySpec } from './schema/keys.ts';
import { isCalled } from './schema/lender.ts';
import { urlFault } from './validate-url.ts';

interface PlacedKey {
  file: string;
  path: FieldPath;
  spec: KeySpec;
  /** A standard of the partner's own may prescribe keys that we would not choose. */
  ownStandard: boolean;
}

/** Keys whose private half everybody can read: that of the shipped sandbox partner, and RFC 8032 §7.1 test 1. */
export const PUBLISHED_KEYS: readonly string[] = [
  'kZ24DqNKxSgStH_bcI3SIyFiYOF7n1b-vn5QImMVYhQ',
  '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
];

/** Checks every key and secret: unique ids, sound material, secrets present and not written into live files. */
export function validateKeys(set: CounterpartySet, options: SetOptions): Finding[] {
  const keys = placedKeys(set);
  const ids = keys.map(({ file, path, spec }) => ({ id: spec.id, file, path: [...path, 'id'] }));
  return [
    ...duplicates(ids, 'key'),
    ...keys.flatMap((key) => keyFindings(key, options)),
    ...set.traffic.flatMap(({ file, value }) =>
      value.callbacks === undefined ? [] : secretFindings(file, ['callbacks'], value.callbacks, options),
    ),
    ...set.lenders.flatMap(({ file, value }): Finding[] => {
      const fault = value.jwks_url === undefined ? null : urlFault(value.jwks_url, options.environment);
      return fault === null ? [] : [{ file, path: ['jwks_url'], code: 'url_not_allowed', message: fault }];
    }),
  ];
}

/** The key as `trust` reads it, with the secret looked up; null when its variable is absent. */
export function resolveKey(spec: KeySpec, variables: SetOptions['variables']): TrustKeySpec | null {
  const { id, alg, jwk, pem, not_before: notBefore, not_after: notAfter } = spec;
  const secretBase64 = spec.secret_env === undefined ? spec.secret : variables[spec.secret_env];
  if (jwk === undefined && pem === undefined && !secretBase64) return null;
  return { id, alg, jwk, pem, secretBase64, notBefore, notAfter };
}

function placedKeys(set: CounterpartySet): PlacedKey[] {
  const partners = set.traffic.flatMap(({ file, value }) => [
    ...value.keys.map((spec, index) => ({
      file,
      path: ['keys', index],
      spec,
      ownStandard: value.dialect !== 'openapi',
    })),
    ...value.entry_links.keys.map((key, index) => ({
      file,
      path: ['entry_links', 'keys', index],
      spec: asKeySpec(key),
      ownStandard: false,
    })),
  ]);
  const lenders = set.lenders.flatMap(({ file, value }) => {
    const ownStandard = isCalled(value.core) && value.core.dialect !== 'openapi';
    return value.keys.map((spec, index) => ({ file, path: ['keys', index], spec, ownStandard }));
  });
  return [...partners, ...lenders];
}

function keyFindings({ file, path, spec, ownStandard }: PlacedKey, options: SetOptions): Finding[] {
  const found = secretFindings(file, path, spec, options);
  const resolved = resolveKey(spec, options.variables);
  const read = resolved === null ? null : importVerificationKey(resolved);
  if (options.environment === 'live' && spec.jwk?.x !== undefined && PUBLISHED_KEYS.includes(spec.jwk.x)) {
    const message = 'the private half of this key is published: it is for the sandbox only';
    found.push({
      file,
      path: [...path, 'jwk'],
      code: 'sandbox_only',
      message,
      hint: 'ask the partner for its own key',
    });
  }
  if (read === null || read.ok) return found;
  const source = (['jwk', 'pem', 'secret_env', 'secret'] as const).find((name) => spec[name] !== undefined) ?? 'id';
  const tolerated = read.code === 'key_weak' && ownStandard ? ({ severity: 'warning' } as const) : {};
  return [...found, { file, path: [...path, source], code: read.code, message: read.detail, ...tolerated }];
}

function secretFindings(
  file: string,
  path: FieldPath,
  holder: { secret?: string; secret_env?: string },
  options: SetOptions,
): Finding[] {
  if (holder.secret !== undefined && options.environment === 'live') {
    const message = 'an inline secret is for the sandbox only';
    const hint = 'put it into an environment variable and name that in secret_env';
    return [{ file, path: [...path, 'secret'], code: 'sandbox_only', message, hint }];
  }
  if (holder.secret_env === undefined || options.variables[holder.secret_env]) return [];
  const severity = options.requireSecrets ? {} : ({ severity: 'warning' } as const);
  const message = `the environment variable ${holder.secret_env} is not set`;
  const hint = `set ${holder.secret_env} before the start`;
  return [{ file, path: [...path, 'secret_env'], code: 'secret_missing', message, hint, ...severity }];
}
