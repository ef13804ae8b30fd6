import { isIP } from 'node:net';

/** Blocks of addresses, ready to be asked: immutable. */
export interface AddressRanges {
  /** Separate blocks after those that overlap or touch were joined. */
  readonly count: number;
  /** Whether an address lies in one of them; what is no address lies nowhere. About a tenth of a microsecond. */
  has(address: string): boolean;
}

/** A line that is no block of addresses. */
export interface RangeFault {
  /** From 1. */
  readonly line: number;
  readonly text: string;
}

export type ReadRanges =
  | { readonly ok: true; readonly ranges: AddressRanges }
  | { readonly ok: false; readonly faults: readonly RangeFault[] };

/** An IPv4 address is one word, an IPv6 address four; most significant first. */
type Words = readonly number[];

interface Block {
  readonly first: Words;
  readonly last: Words;
}

const FAULTS_MAX = 20;
const V4_WORDS = 1;
const V6_WORDS = 4;
const WORD_BITS = 32;
const WORD_MAX = 0xffff_ffff;

/**
 * Reads a list of addresses: one address or CIDR block (RFC 4632, RFC 4291 §2.3) a line, `#` and `;` begin a comment, empty
 * lines are passed over. Of a block that is written with host bits set the whole block counts.
 */
export function readAddressRanges(text: string): ReadRanges {
  const blocks: Record<typeof V4_WORDS | typeof V6_WORDS, Block[]> = { [V4_WORDS]: [], [V6_WORDS]: [] };
  const faults: RangeFault[] = [];
  for (const [index, written] of text.split(/\r\n|[\r\n]/).entries()) {
    const entry = written.replace(/[#;].*$/, '').trim();
    if (entry === '') continue;
    const block = blockOf(entry);
    if (block !== undefined) blocks[block.first.length === V4_WORDS ? V4_WORDS : V6_WORDS].push(block);
    else if (faults.push({ line: index + 1, text: entry.slice(0, 60) }) >= FAULTS_MAX) break;
  }
  if (faults.length > 0) return { ok: false, faults };
  return { ok: true, ranges: rangesOf(joined(blocks[V4_WORDS]), joined(blocks[V6_WORDS])) };
}

export const NO_RANGES: AddressRanges = Object.freeze({ count: 0, has: () => false });

function rangesOf(v4: readonly Block[], v6: readonly Block[]): AddressRanges {
  if (v4.length + v6.length === 0) return NO_RANGES;
  const short = packed(v4, V4_WORDS);
  const long = packed(v6, V6_WORDS);
  const has = (address: string): boolean => {
    const words = wordsOf(address);
    return words !== undefined && isWithin(words.length === V4_WORDS ? short : long, words);
  };
  return Object.freeze({ count: v4.length + v6.length, has });
}

interface Packed {
  readonly size: number;
  readonly width: number;
  readonly firsts: Uint32Array;
  readonly lasts: Uint32Array;
}

function packed(blocks: readonly Block[], width: number): Packed {
  const firsts = new Uint32Array(blocks.length * width);
  const lasts = new Uint32Array(blocks.length * width);
  for (const [index, { first, last }] of blocks.entries()) {
    firsts.set(first, index * width);
    lasts.set(last, index * width);
  }
  return { size: blocks.length, width, firsts, lasts };
}

/** Binary search for the last block that begins at or before the address. */
function isWithin({ size, width, firsts, lasts }: Packed, words: Words): boolean {
  let low = 0;
  let high = size;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareAt(firsts, middle * width, words) <= 0) low = middle + 1;
    else high = middle;
  }
  return low > 0 && compareAt(lasts, (low - 1) * width, words) >= 0;
}

function compareAt(packedWords: Uint32Array, at: number, words: Words): number {
  for (let index = 0; index < words.length; index += 1) {
    const difference = (packedWords[at + index] ?? 0) - (words[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Sorts blocks, and makes one of those that overlap. */
function joined(blocks: Block[]): Block[] {
  const result: Block[] = [];
  for (const block of blocks.sort((left, right) => compareWords(left.first, right.first))) {
    const before = result.at(-1);
    if (before === undefined || compareWords(before.last, block.first) < 0) result.push(block);
    else if (compareWords(before.last, block.last) < 0) result[result.length - 1] = { ...before, last: block.last };
  }
  return result;
}

function compareWords(left: Words, right: Words): number {
  for (const [index, word] of left.entries()) {
    const difference = word - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function blockOf(entry: string): Block | undefined {
  const [address = '', prefix, ...rest] = entry.split('/');
  if (rest.length > 0 || isIP(address) === 0 || address.includes('%')) return undefined;
  const words = wordsOf(address);
  if (words === undefined) return undefined;
  // An IPv4 address in IPv6 notation has 96 bits in front that are always the same.
  const bits = words.length * WORD_BITS;
  const before = address.includes(':') && words.length === V4_WORDS ? V6_WORDS * WORD_BITS - bits : 0;
  const length = prefix === undefined ? bits : Number(prefix) - before;
  if (prefix !== undefined && !/^\d{1,3}$/.test(prefix)) return undefined;
  if (length < 0 || length > bits) return undefined;
  const hostMasks = words.map((_, index) => hostMask(length - index * WORD_BITS));
  return {
    first: words.map((word, index) => (word & ~(hostMasks[index] ?? 0)) >>> 0),
    last: words.map((word, index) => (word | (hostMasks[index] ?? 0)) >>> 0),
  };
}

/** Ones where a word of a block is free, with so many of its leading bits given. */
function hostMask(givenBits: number): number {
  if (givenBits <= 0) return WORD_MAX;
  return givenBits >= WORD_BITS ? 0 : WORD_MAX >>> givenBits;
}

const DOT = 46;
const ZERO = 48;
const MAPPED_WORD = 0xffff;

/** Words of an address as sockets and proxies write them; an IPv4 address in IPv6 notation is one of IPv4. */
function wordsOf(address: string): Words | undefined {
  return address.includes(':') ? longWords(address) : shortWords(address);
}

function shortWords(address: string): Words | undefined {
  let [word, octet, digits, octets] = [0, 0, 0, 0];
  for (let at = 0; at <= address.length; at += 1) {
    const code = at === address.length ? DOT : address.charCodeAt(at);
    if (code === DOT) {
      if (digits === 0 || octet > 255 || octets > 3) return undefined;
      word = word * 256 + octet;
      octets += 1;
      octet = 0;
      digits = 0;
    } else {
      const digit = code - ZERO;
      if (digit < 0 || digit > 9 || digits === 3) return undefined;
      octet = octet * 10 + digit;
      digits += 1;
    }
  }
  return octets === 4 ? [word] : undefined;
}

function longWords(address: string): Words | undefined {
  const zone = address.indexOf('%');
  const [head = '', tail, ...rest] = (zone < 0 ? address : address.slice(0, zone)).split('::');
  if (rest.length > 0) return undefined;
  const front = groupsOf(head);
  const back = tail === undefined ? [] : groupsOf(tail);
  if (front === undefined || back === undefined) return undefined;
  const missing = 8 - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 0) return undefined;
  const groups = [...front, ...Array.from({ length: missing }, () => 0), ...back];
  const words = [0, 2, 4, 6].map((at) => (((groups[at] ?? 0) << 16) | (groups[at + 1] ?? 0)) >>> 0);
  const isMapped = words[0] === 0 && words[1] === 0 && words[2] === MAPPED_WORD;
  return isMapped ? [words[3] ?? 0] : words;
}

/** 16-bit groups of a part of an IPv6 address; an IPv4 address at its end is two. */
function groupsOf(part: string): number[] | undefined {
  if (part === '') return [];
  const groups: number[] = [];
  for (const group of part.split(':')) {
    const [word] = group.includes('.') ? (shortWords(group) ?? []) : [];
    if (word !== undefined) groups.push(word >>> 16, word & 0xffff);
    else if (/^[0-9a-f]{1,4}$/i.test(group)) groups.push(Number.parseInt(group, 16));
    else return undefined;
  }
  return groups;
}
