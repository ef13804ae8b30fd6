import type { ClickFacts } from './click.ts';

/** What most clicks have none of. */
type Seldom = Partial<Pick<ClickFacts, 'cause' | 'entry' | 'variant' | 'sub_ids'>>;
type Written = readonly [
  link: string,
  partner: string,
  product: string,
  lender: string | null,
  visitor: string,
  ip: string,
  flags: number,
  atMs: number,
  seldom?: Seldom,
];

const BOT = 1;
const SPECULATIVE = 2;
const DATA_CENTRE = 4;
const NO_SUB_IDS: ClickFacts['sub_ids'] = Object.freeze({});

/**
 * The facts of a click as its log keeps them: a JSON array by position, last an object with what most clicks have none of.
 * Clicks are the most numerous of all records, so their names are not written with each.
 */
export function encodeFacts(facts: ClickFacts): string {
  const { bot, speculative, dc, visitor, ip, at_ms: atMs } = facts;
  const flags = (bot ? BOT : 0) | (speculative ? SPECULATIVE : 0) | (dc ? DATA_CENTRE : 0);
  // Hex digits need no quoting; whatever else is text goes through JSON.
  return `[${linkText(facts)},"${visitor}","${ip}",${flags},${atMs}${seldomText(facts)}]`;
}

/** @throws SyntaxError on a text that is none of ours */
export function decodeFacts(text: string): ClickFacts {
  const [link, partner, product, lender, visitor, ip, flags, atMs, seldom] = JSON.parse(text) as Written;
  return {
    link_code: link,
    partner_id: partner,
    product_id: product,
    lender_id: lender,
    visitor,
    bot: (flags & BOT) !== 0,
    speculative: (flags & SPECULATIVE) !== 0,
    cause: seldom?.cause ?? null,
    entry: seldom?.entry ?? null,
    ip,
    dc: (flags & DATA_CENTRE) !== 0,
    sub_ids: seldom?.sub_ids ?? NO_SUB_IDS,
    ...(seldom?.variant === undefined ? {} : { variant: seldom.variant }),
    at_ms: atMs,
  };
}

function seldomText({ cause, entry, variant, sub_ids: subIds }: ClickFacts): string {
  const isPlain = cause === null && entry === null && variant === undefined;
  if (!hasAny(subIds)) return isPlain ? '' : `,${JSON.stringify(without({ cause, entry, variant }))}`;
  return isPlain
    ? `,{"sub_ids":${JSON.stringify(subIds)}}`
    : `,${JSON.stringify(without({ cause, entry, variant, sub_ids: subIds }))}`;
}

function hasAny(record: Readonly<Record<string, string>>): boolean {
  for (const _ in record) return true;
  return false;
}

function without(facts: { readonly [Name in keyof Seldom]: Seldom[Name] | null }): Seldom {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== null)) as Seldom;
}

/** The same few links are clicked most. */
const linkTexts = new Map<string, { readonly of: ClickFacts; readonly text: string }>();
const LINK_TEXTS_MAX = 2_000;

function linkText(facts: ClickFacts): string {
  const { link_code: link, partner_id: partner, product_id: product, lender_id: lender } = facts;
  const known = linkTexts.get(link);
  if (known?.of.partner_id === partner && known.of.product_id === product && known.of.lender_id === lender) {
    return known.text;
  }
  const text = JSON.stringify([link, partner, product, lender]).slice(1, -1);
  if (linkTexts.size >= LINK_TEXTS_MAX) linkTexts.clear();
  linkTexts.set(link, { of: facts, text });
  return text;
}
