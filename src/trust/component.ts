import type { Parameter, ScannedItem } from './structured-scanner.ts';

/** A covered component: what it is called in the signature base, and how its value is made (RFC 9421 §2). */
export type Component = {
  /** Field name in lower case, or a derived component beginning with `@`. */
  readonly name: string;
  /** The identifier as it stands in the signature base, for example `"content-digest";req`. */
  readonly identifier: string;
  /** Present only when the identifier has parameters. */
  readonly options?: ComponentOptions;
};

export type ComponentOptions = {
  /** Serialise strictly as a structured field. */
  sf?: boolean;
  /** Take one member of a dictionary field. */
  key?: string;
  /** Wrap each line as a byte sequence. */
  bs?: boolean;
  /** Take it from the request that this response answers. */
  req?: boolean;
  /** Take it from the trailers. */
  tr?: boolean;
  /** Which query parameter. */
  name?: string;
};

export type ComponentReading =
  | { readonly ok: true; readonly component: Component }
  | { readonly ok: false; readonly detail: string };

const DERIVED = new Set([
  '@method',
  '@target-uri',
  '@authority',
  '@scheme',
  '@request-target',
  '@path',
  '@query',
  '@query-param',
  '@status',
]);
const FIELD_NAME = /^[a-z0-9!#$%&'*+\-.^_`|~]+$/;

/**
 * Reads one item of the list of covered components; refuses what RFC 9421 §2 says must be an error: unknown derived
 * components and parameters, `@signature-params` in the list, field names that are not lower case, `bs` beside `sf` or `key`.
 */
export function readComponent(item: ScannedItem): ComponentReading {
  const { value: name, raw, parameters } = item;
  const isDerived = name.charCodeAt(0) === 0x40;
  if (isDerived ? !DERIVED.has(name) : !FIELD_NAME.test(name)) {
    return refuse(`"${name}" is not a component that can be covered`);
  }
  if (parameters.length === 0) {
    if (name === '@query-param') return refuse('"@query-param" needs the parameter name');
    return { ok: true, component: { name, identifier: raw } };
  }
  const options: ComponentOptions = {};
  for (const parameter of parameters) {
    if (!setOption(options, parameter, name))
      return refuse(`${raw}: the parameter "${parameter.key}" does not belong there`);
  }
  if (options.bs === true && (options.sf === true || options.key !== undefined)) {
    return refuse(`${raw}: bs excludes sf and key`);
  }
  if (name === '@query-param' && options.name === undefined) return refuse('"@query-param" needs the parameter name');
  return { ok: true, component: { name, identifier: raw, options } };
}

/** True when both identifiers name the same component; the order of parameters makes no difference (RFC 9421 §2). */
export function isSameComponent(a: Component, b: Component): boolean {
  if (a.name !== b.name) return false;
  const left = a.options ?? {};
  const right = b.options ?? {};
  return OPTION_NAMES.every((option) => left[option] === right[option]);
}

const OPTION_NAMES = ['sf', 'key', 'bs', 'req', 'tr', 'name'] as const;

function setOption(options: ComponentOptions, { key, item }: Parameter, name: string): boolean {
  const isField = name.charCodeAt(0) !== 0x40;
  switch (key) {
    case 'sf':
    case 'bs':
    case 'tr':
      if (!isField || item.value !== true) return false;
      options[key] = true;
      return true;
    case 'req':
      if (item.value !== true || name === '@status') return false;
      options.req = true;
      return true;
    case 'key':
      if (!isField || item.type !== 'string') return false;
      options.key = item.value;
      return true;
    case 'name':
      if (name !== '@query-param' || item.type !== 'string') return false;
      options.name = item.value;
      return true;
    default:
      return false;
  }
}

function refuse(detail: string): ComponentReading {
  return { ok: false, detail };
}
