import { shardOfId, shardTag } from '../../base/ids.ts';
import { isAwayClickId, randomOfAwayClickId } from '../away/away-click-id.ts';

/** Where a click lies: the entry of its shard's click log, and the part of its id that cannot be guessed. */
export interface ClickPlace {
  readonly shard: number;
  /** Stream id, `<ms>-<seq>`. */
  readonly position: string;
  /** 14 hex digits, kept in the entry. */
  readonly random: string;
}

const PREFIX = 'clk_';
const TIME_DIGITS = 12;
const SEQUENCE_DIGITS = 4;
/** Hex digits of the part of an id that is drawn at random: 56 bits, to be guessed for one place of one millisecond. */
export const CLICK_RANDOM_DIGITS = 14;
const PLACED = /^clk_[0-3][0-9a-f]{31}$/;
const TIME_START = PREFIX.length + 2;
const SEQUENCE_START = TIME_START + TIME_DIGITS;
const RANDOM_START = SEQUENCE_START + SEQUENCE_DIGITS;

/**
 * Whether a text has the shape of a click's id. There are two shapes, both with the shard's tag behind `clk_`: one carries
 * the place of its entry in the click log; the other was made while Redis was away and carries the click itself.
 */
export function isClickId(text: string): boolean {
  return PLACED.test(text) || isAwayClickId(text);
}

/** The part of an id that was drawn at random, whichever its shape. */
export function randomOfClickId(id: string): string | undefined {
  return PLACED.test(id) ? id.slice(RANDOM_START) : randomOfAwayClickId(id);
}

/** The id of the click at a place: `clk_`, shard, milliseconds, sequence, random part; all in hex. */
export function clickIdAt(shard: number, position: string, random: string): string {
  const dash = position.indexOf('-');
  const time = timeDigits(position.slice(0, dash));
  const sequence = position.length === dash + 2 && position.endsWith('0') ? FIRST : sequenceDigits(position, dash);
  return `${PREFIX}${shardTag(shard)}${time}${sequence}${random}`;
}

/** Clicks of one moment come together: the last conversion is kept. */
let lastTime = { ms: '', digits: '' };
const FIRST = '0'.repeat(SEQUENCE_DIGITS);

function timeDigits(ms: string): string {
  if (lastTime.ms !== ms) lastTime = { ms, digits: Number(ms).toString(16).padStart(TIME_DIGITS, '0') };
  return lastTime.digits;
}

function sequenceDigits(position: string, dash: number): string {
  return Number(position.slice(dash + 1))
    .toString(16)
    .padStart(SEQUENCE_DIGITS, '0');
}

/** The place that an id carries; undefined when it carries none. */
export function placeOfClickId(id: string): ClickPlace | undefined {
  if (!PLACED.test(id)) return undefined;
  const time = Number.parseInt(id.slice(TIME_START, SEQUENCE_START), 16);
  const sequence = Number.parseInt(id.slice(SEQUENCE_START, RANDOM_START), 16);
  return { shard: shardOfId(id), position: `${time}-${sequence}`, random: id.slice(RANDOM_START) };
}
