import { createHmac, timingSafeEqual } from 'node:crypto';
import { SHARD_COUNT, shardTag } from '../../base/ids.ts';
import { deriveKey } from '../../trust/derive-key.ts';

/** What an id minted while Redis is away says of its click. Nothing in it is about the person. */
export interface AwayClickFacts {
  readonly shard: number;
  /** Business time of the arrival, milliseconds. */
  readonly atMs: number;
  readonly linkCode: string;
  /** 14 hex digits that no other arrival has. */
  readonly random: string;
  readonly bot: boolean;
  /** HEAD, or a browser that fetches what somebody may open next. */
  readonly speculative: boolean;
  readonly dataCentre: boolean;
  /** Why it went to the fallback address, null when it went where the link leads; a cause that is not one of `CAUSES` is `other`. */
  readonly cause: string | null;
  /** Empty when there are none, or more than there is room for. */
  readonly subIds: Readonly<Record<string, string>>;
}

export const AWAY_CLICK_ID_MAX = 120;

/** Their places are part of the format: more are added at the end. */
const CAUSES: readonly string[] = [
  'paused',
  'hours',
  'suspended',
  'link_paused',
  'capped',
  'entry_unsigned',
  'entry_malformed',
  'entry_key_unknown',
  'entry_invalid',
  'entry_expired',
  'entry_expires_too_late',
  'lender_suspended',
];
/** Cause and marks share a byte: five bits for the one, one for each of the others. */
const OTHER_CAUSE = 31;
const BOT = 32;
const SPECULATIVE = 64;
const DATA_CENTRE = 128;

const TIME_BYTES = 6;
const RANDOM_BYTES = 7;
const MARKS_AT = TIME_BYTES + RANDOM_BYTES;
/** Time, random, marks and cause, length of the link code. With `MAC_BYTES` a multiple of three: base64url then leaves no bits over that could differ. */
const FACTS_BYTES = MARKS_AT + 2;
const FACTS_DIGITS = (FACTS_BYTES / 3) * 4;
/** 96 bits: HMAC truncated as RFC 2104 §5 allows, to no less than 80 bits. */
const MAC_BYTES = 12;
const MAC_DIGITS = (MAC_BYTES / 3) * 4;

/** `v` is no hexadecimal digit, so no id is of both shapes; it also is the version of the format. */
const SHAPE = new RegExp(`^clk_([0-3][0-9a-f])v([\\w-]{${FACTS_DIGITS}})([\\w-]{${MAC_DIGITS}})([A-Za-z0-9][\\w-]+)$`);

/** Whether `text` has the shape of an id that was minted while Redis was away; says nothing about who minted it. */
export function isAwayClickId(text: string): boolean {
  return text.length <= AWAY_CLICK_ID_MAX && SHAPE.test(text);
}

/** The part of an id that was drawn at random; undefined when it is none of this shape. Says nothing about who minted it. */
export function randomOfAwayClickId(text: string): string | undefined {
  const packed = text.length <= AWAY_CLICK_ID_MAX ? SHAPE.exec(text)?.[2] : undefined;
  return packed === undefined ? undefined : unpackFacts(packed).random;
}

/**
 * Mints and reads click ids that carry their click:
 * `clk_` shard (2 hex) `v` facts (20 base64url) mac (16 base64url) link code, sub ids (base64url), at most 120 characters.
 * The mac is HMAC-SHA-256 under a key of its own over everything else in the id.
 */
export class AwayClickIds {
  readonly #key: Buffer;

  constructor(rootSecret: Uint8Array | string) {
    this.#key = deriveKey(rootSecret, 'away-click-id/v');
  }

  /** @throws RangeError on a link code or random that no link and no arrival can have */
  mint(facts: AwayClickFacts): string {
    const head = `clk_${shardTag(facts.shard)}v`;
    const packed = packFacts(facts);
    const room = AWAY_CLICK_ID_MAX - head.length - FACTS_DIGITS - MAC_DIGITS;
    const subIds = packSubIds(facts.subIds);
    const tail = facts.linkCode.length + subIds.length <= room ? `${facts.linkCode}${subIds}` : facts.linkCode;
    const id = `${head}${packed}${this.#mac(head, packed, tail)}${tail}`;
    if (!isAwayClickId(id)) throw new RangeError('no click id can be made of this link code');
    return id;
  }

  /** The click of an id; undefined when we have not minted it, or not so. */
  read(id: string): AwayClickFacts | undefined {
    if (id.length > AWAY_CLICK_ID_MAX) return undefined;
    const [, tag, packed, mac, tail] = SHAPE.exec(id) ?? [];
    if (tag === undefined || packed === undefined || mac === undefined || tail === undefined) return undefined;
    if (!timingSafeEqual(Buffer.from(mac), Buffer.from(this.#mac(`clk_${tag}v`, packed, tail)))) return undefined;
    const shard = Number.parseInt(tag, 16) % SHARD_COUNT;
    const { codeLength, ...facts } = unpackFacts(packed);
    return { ...facts, shard, linkCode: tail.slice(0, codeLength), subIds: unpackSubIds(tail.slice(codeLength)) };
  }

  #mac(head: string, packed: string, tail: string): string {
    const digest = createHmac('sha256', this.#key).update(head).update(packed).update(tail).digest();
    return digest.toString('base64url', 0, MAC_BYTES);
  }
}

function packFacts({ atMs, random, linkCode, bot, speculative, dataCentre, cause }: AwayClickFacts): string {
  const bytes = Buffer.alloc(FACTS_BYTES);
  bytes.writeUIntBE(atMs, 0, TIME_BYTES);
  if (bytes.write(random, TIME_BYTES, RANDOM_BYTES, 'hex') !== RANDOM_BYTES) {
    throw new RangeError('the random part of an arrival is 14 hex digits');
  }
  const marks = (bot ? BOT : 0) | (speculative ? SPECULATIVE : 0) | (dataCentre ? DATA_CENTRE : 0);
  const causeNumber = cause === null ? 0 : CAUSES.indexOf(cause) + 1 || OTHER_CAUSE;
  bytes.writeUInt8(marks | causeNumber, MARKS_AT);
  bytes.writeUInt8(linkCode.length, MARKS_AT + 1);
  return bytes.toString('base64url');
}

function unpackFacts(packed: string): Omit<AwayClickFacts, 'shard' | 'linkCode' | 'subIds'> & { codeLength: number } {
  const bytes = Buffer.from(packed, 'base64url');
  const marks = bytes.readUInt8(MARKS_AT);
  const cause = marks & OTHER_CAUSE;
  return {
    atMs: bytes.readUIntBE(0, TIME_BYTES),
    random: bytes.toString('hex', TIME_BYTES, MARKS_AT),
    bot: (marks & BOT) !== 0,
    speculative: (marks & SPECULATIVE) !== 0,
    dataCentre: (marks & DATA_CENTRE) !== 0,
    cause: cause === 0 ? null : (CAUSES[cause - 1] ?? 'other'),
    codeLength: bytes.readUInt8(MARKS_AT + 1),
  };
}

const SUB = 'sub';

/** `sub1` … `sub10` as their number and value, one after the other; base64url. */
function packSubIds(subIds: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(subIds).flatMap(([name, value]) => [name.slice(SUB.length), value]);
  return Buffer.from(pairs.join('\0')).toString('base64url');
}

function unpackSubIds(packed: string): Record<string, string> {
  const parts = Buffer.from(packed, 'base64url').toString().split('\0');
  const subIds: Record<string, string> = {};
  for (let at = 0; at + 1 < parts.length; at += 2) subIds[`${SUB}${parts[at]}`] = parts[at + 1] ?? '';
  return subIds;
}
