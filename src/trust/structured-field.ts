import {
  type Dictionary,
  isInnerList,
  parseDictionary,
  parseItem,
  parseList,
  serializeDictionary,
  serializeInnerList,
  serializeItem,
  serializeList,
} from 'structured-headers';
import { type FieldLines, fieldValue } from './field-lines.ts';

/** Which structured type a field has, by its name in lower case; a parser has to know, the text does not say. */
export type StructuredFieldTypes = ReadonlyMap<string, 'dictionary' | 'list' | 'item'>;

/** Registered structured fields that somebody may want to sign. */
const REGISTERED: StructuredFieldTypes = new Map([
  ['accept-signature', 'dictionary'],
  ['content-digest', 'dictionary'],
  ['priority', 'dictionary'],
  ['repr-digest', 'dictionary'],
  ['signature', 'dictionary'],
  ['signature-input', 'dictionary'],
  ['want-content-digest', 'dictionary'],
  ['cache-status', 'list'],
  ['proxy-status', 'list'],
  ['client-cert', 'item'],
]);

/** A field's value in the strict serialisation of RFC 8941 §4.1 (RFC 9421 §2.1.1); undefined when type or text is wrong. */
export function strictSerialization(name: string, value: string, types?: StructuredFieldTypes): string | undefined {
  try {
    switch (types?.get(name) ?? REGISTERED.get(name)) {
      case 'dictionary':
        return serializeDictionary(parseDictionary(value));
      case 'list':
        return serializeList(parseList(value));
      case 'item':
        return serializeItem(parseItem(value));
      default:
        return undefined;
    }
  } catch {
    return undefined;
  }
}

/**
 * One member of a dictionary field, strictly serialised (RFC 9421 §2.1.2); undefined when there is none. A field is parsed
 * once for each message: strangers may name hundreds of members of one long field.
 */
export function dictionaryMember(fields: FieldLines, name: string, key: string): string | undefined {
  const member = dictionaryOf(fields, name).get(key);
  if (member === undefined) return undefined;
  try {
    return isInnerList(member) ? serializeInnerList(member) : serializeItem(member);
  } catch {
    return undefined;
  }
}

const parsed = new WeakMap<FieldLines, Map<string, Dictionary>>();

function dictionaryOf(fields: FieldLines, name: string): Dictionary {
  const known = parsed.get(fields);
  const found = known?.get(name);
  if (found !== undefined) return found;
  const dictionary = readDictionary(fieldValue(fields, name) ?? '');
  if (known === undefined) parsed.set(fields, new Map([[name, dictionary]]));
  else known.set(name, dictionary);
  return dictionary;
}

/** Empty when the value is no dictionary. */
function readDictionary(value: string): Dictionary {
  try {
    return parseDictionary(value);
  } catch {
    return new Map();
  }
}
