import { httpbis } from 'http-message-signatures';
import { parseSignature } from '../../../../src/trust/parse-signature.ts';
import { componentValue } from '../../../../src/trust/signature-base.ts';
import { nativePolicy } from '../../../../src/trust/signature-policy.ts';
import { fieldText } from './verdicts.ts';
import { descriptorOf, messageOf, type Wire } from './wire.ts';

const UNCOMMON = /;(?:sf|bs)|^"@query-param"/;

/**
 * Compares the values of components that the first library does not know (`sf`, `bs`, `@query-param`) with those of
 * http-message-signatures.
 * @returns identifiers whose values are the same, differ for a known reason, and differ
 */
export function compareUncommon(wire: Wire): { same: string[]; known: string[]; different: string[] } {
  const found = { same: [] as string[], known: [] as string[], different: [] as string[] };
  const parse = parseSignature(
    fieldText(wire, 'signature-input') ?? '',
    fieldText(wire, 'signature') ?? '',
    nativePolicy,
  );
  if (!parse.ok) return found;
  for (const component of parse.signature.components.filter(({ identifier }) => UNCOMMON.test(identifier))) {
    const ours = componentValue(messageOf(wire), component);
    if (typeof ours !== 'string') continue;
    const list = hasKnownGap(wire, component.identifier)
      ? found.known
      : ours === theirs(wire, component.identifier)
        ? found.same
        : found.different;
    list.push(component.identifier);
  }
  return found;
}

function theirs(wire: Wire, identifier: string): string | undefined {
  const { method, targetUri: url } = descriptorOf(wire);
  const headers: Record<string, string[]> = {};
  for (const [name, value] of wire.headers) {
    const lines = headers[name.toLowerCase()] ?? [];
    headers[name.toLowerCase()] = [...lines, value];
  }
  const [line] = httpbis.createSignatureBase({ fields: [identifier] }, { method, url, headers });
  return line?.[1].join('\n');
}

/** It leaves `!'()~` unescaped in query parameters, unfolds lines in its own way, takes text for UTF-8, reads no empty field. */
function hasKnownGap(wire: Wire, identifier: string): boolean {
  if (identifier.startsWith('"@query-param"'))
    return /[!'()~]|%(?:2[1789]|7E)/i.test(wire.target) || identifier.includes('%');
  const name = /^"([^"]*)"/.exec(identifier)?.[1] ?? '';
  const text = fieldText(wire, name) ?? '';
  return /[\r\n\u0080-\uffff]/.test(text) || (identifier.endsWith(';sf') && text === '');
}
