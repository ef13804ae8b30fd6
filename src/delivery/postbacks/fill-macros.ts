import { createHmac } from 'node:crypto';
import type { PostbackMacro } from '../../registry/schema/event-names.ts';

/** What is filled in; `{sig}` is made of the rest. */
export type MacroValues = Readonly<Record<Exclude<PostbackMacro, 'sig'>, string>>;

/** Names of the macros of a URL. */
export function macrosOf(template: string): ReadonlySet<string> {
  return new Set([...template.matchAll(/\{([a-z_0-9]+)\}/g)].map(([, name = '']) => name));
}

/**
 * The URL with its macros filled in, each value percent-encoded. `{sig}` = hex HMAC-SHA-256 over ts, a full stop, and the URL
 * with nothing where `{sig}` stands.
 * @param secret null = there is none; a template with `{sig}` does not load then
 */
export function fillMacros(template: string, values: MacroValues, secret: Uint8Array | null): string {
  const filled = (sig: string): string =>
    template.replaceAll(/\{([a-z_0-9]+)\}/g, (whole, name: string) => {
      if (name === 'sig') return sig;
      const value = (values as Readonly<Record<string, string | undefined>>)[name];
      return value === undefined ? whole : encodeURIComponent(value);
    });
  if (secret === null || !macrosOf(template).has('sig')) return filled('');
  return filled(
    createHmac('sha256', secret)
      .update(`${values.ts}.${filled('')}`)
      .digest('hex'),
  );
}
