import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { hashForms } from '../../src/identity/hash-forms.ts';
import type { RedisClient } from '../../src/redis/connection.ts';

/** Something that must be nowhere, with words for what it is. */
export interface Needle {
  readonly bytes: Buffer;
  readonly what: string;
}

/** A place that is searched. */
export interface Haystack {
  readonly where: string;
  readonly bytes: Buffer;
}

const KEY_BYTES = 4;

/**
 * Every way in which a text may stand somewhere: as it is, in the other case, percent-encoded, escaped as in JSON, in base64 at
 * any offset.
 */
export function plainNeedles(what: string, text: string): Needle[] {
  const bytes = Buffer.from(text);
  const escaped = [...text].map((character) =>
    character > '\x7f'
      ? [...Array(character.length).keys()]
          .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
          .join('')
      : character,
  );
  const spellings = new Map([
    ['plain', text],
    ['lower case', text.toLowerCase()],
    ['upper case', text.toUpperCase()],
    ['percent-encoded', encodeURIComponent(text)],
    ['escaped', escaped.join('')],
  ]);
  const needles = [...spellings].map(([how, spelled]) => needle(`${what}, ${how}`, Buffer.from(spelled)));
  for (const offset of [0, 1, 2]) needles.push(...base64At(what, bytes, offset));
  return needles;
}

/** The hashes in which partners exchange an identity, in hex, in both alphabets of base64, and as bytes. */
export function hashNeedles(what: string, text: string): Needle[] {
  return Object.entries(hashForms(text)).flatMap(([form, hex]) => {
    const digest = Buffer.from(hex, 'hex');
    return [
      needle(`${form} of ${what}, hex`, Buffer.from(hex)),
      needle(`${form} of ${what}, HEX`, Buffer.from(hex.toUpperCase())),
      needle(`${form} of ${what}, base64`, Buffer.from(digest.toString('base64').replace(/=+$/, ''))),
      needle(`${form} of ${what}, base64url`, Buffer.from(digest.toString('base64url'))),
      needle(`${form} of ${what}, bytes`, digest),
    ];
  });
}

function needle(what: string, bytes: Buffer): Needle {
  if (bytes.length < KEY_BYTES) throw new RangeError(`${what} is too short to be looked for`);
  return { what, bytes };
}

/** What of a text's base64 does not depend on what stands around it. */
function base64At(what: string, bytes: Buffer, offset: number): Needle[] {
  const padded = Buffer.concat([Buffer.alloc(offset), bytes]);
  const from = Math.ceil((offset * 8) / 6);
  const to = Math.floor((padded.length * 8) / 6);
  return (['base64', 'base64url'] as const).map((alphabet) =>
    needle(`${what}, ${alphabet} at offset ${offset}`, Buffer.from(padded.toString(alphabet).slice(from, to))),
  );
}

/** Where any needle occurs: what and where, each pair once. One pass over each haystack, whatever the number of needles. */
export function findLeaks(needles: readonly Needle[], haystacks: readonly Haystack[]): string[] {
  const byBeginning = new Map<number, Needle[]>();
  for (const one of needles) {
    const key = one.bytes.readUInt32LE(0);
    byBeginning.set(key, [...(byBeginning.get(key) ?? []), one]);
  }
  const found = new Set<string>();
  for (const { where, bytes } of haystacks) {
    for (let at = 0; at + KEY_BYTES <= bytes.length; at += 1) {
      const candidates = byBeginning.get(bytes.readUInt32LE(at));
      if (candidates === undefined) continue;
      for (const { what, bytes: wanted } of candidates) {
        if (bytes.subarray(at, at + wanted.length).equals(wanted)) found.add(`${what} in ${where}`);
      }
    }
  }
  return [...found];
}

/** Every key of a Redis with its value, whatever its type. */
export async function redisHaystacks(client: RedisClient): Promise<Haystack[]> {
  const haystacks: Haystack[] = [];
  const keys = await client.keys('*');
  for (const key of keys) {
    haystacks.push({ where: 'a name of a Redis key', bytes: Buffer.from(key) });
    const type = await client.type(key);
    const parts = flatten(await readValue(client, key, type));
    haystacks.push({ where: `Redis ${type} ${key}`, bytes: Buffer.concat(parts.flatMap((part) => [part, NEWLINE])) });
  }
  return haystacks;
}

const NEWLINE = Buffer.from('\n');

function readValue(client: RedisClient, key: string, type: string): Promise<unknown> {
  if (type === 'string') return client.getBuffer(key);
  if (type === 'hash') {
    return client
      .hgetallBuffer(key)
      .then((hash) => Object.entries(hash).flatMap(([name, value]) => [Buffer.from(name), value]));
  }
  if (type === 'set') return client.smembersBuffer(key);
  if (type === 'zset') return client.zrangeBuffer(key, 0, -1);
  if (type === 'list') return client.lrangeBuffer(key, 0, -1);
  if (type === 'stream') return client.xrangeBuffer(key, '-', '+');
  // Gone meanwhile.
  if (type === 'none') return Promise.resolve(null);
  throw new Error(`${key} is a ${type}, which nobody looks into`);
}

function flatten(value: unknown): Buffer[] {
  if (Buffer.isBuffer(value)) return [value];
  return Array.isArray(value) ? value.flatMap(flatten) : [];
}

/** Every file below a folder. */
export function fileHaystacks(directory: string): Haystack[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' }).flatMap((name) => {
    const path = join(directory, name);
    if (!existsSync(path) || !statSync(path).isFile()) return [];
    return [{ where: `file ${name}`, bytes: readFileSync(path) }];
  });
}
