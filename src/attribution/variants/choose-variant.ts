import { hash } from 'node:crypto';
import type { Audience, UtmName, Variant } from '../../registry/schema/variants.ts';
import type { Device } from './device-class.ts';

/** What audiences are judged by; nothing of it is kept. */
export interface AudienceFacts extends Device {
  /** As they stand in the address of the click. */
  readonly utm: Readonly<Partial<Record<UtmName, string>>>;
  readonly language: 'zh' | 'en';
}

/**
 * The variant that a click gets: among those whose audience it matches, else among those without one, each by its weight. The
 * same click always gets the same one, in every process and after every restart: what decides is a hash of what is random in
 * its id. Undefined for a link without variants, and where all that match have weight 0 and so has everything else.
 *
 * A matching audience whose variants are all switched off (weight 0) is no audience: its people are received like all others.
 * @param random the part of a click's id that was drawn at random
 */
export function chooseVariant(
  link: { readonly code: string; readonly variants: readonly Variant[] },
  random: string,
  facts: AudienceFacts,
): Variant | undefined {
  const named = link.variants.filter(({ audience, weight }) => weight > 0 && audience && isAmong(audience, facts));
  const competing = named.length > 0 ? named : link.variants.filter((one) => one.weight > 0 && !one.audience);
  const total = competing.reduce((sum, { weight }) => sum + weight, 0);
  let place = fractionOf(`${link.code}\0${random}`) * total;
  for (const variant of competing) {
    place -= variant.weight;
    if (place < 0) return variant;
  }
  return competing.at(-1);
}

function isAmong({ device, os, language, ...utm }: Audience, facts: AudienceFacts): boolean {
  if (os && !os.includes(facts.os)) return false;
  if (device && !device.includes(facts.device)) return false;
  if (language && !language.includes(facts.language)) return false;
  return Object.entries(utm).every(([name, values]) => {
    const given = facts.utm[name as UtmName]?.toLowerCase();
    return values === undefined || (given !== undefined && values.some((value) => value.toLowerCase() === given));
  });
}

/** 48 bits are exact in a double. */
const DIGITS = 12;
const WHOLE = 16 ** DIGITS;

/** From 0 up to, but not, 1; evenly spread. The link's code keeps two links apart that see the same click. */
function fractionOf(text: string): number {
  return Number.parseInt(hash('sha256', text, 'hex').slice(0, DIGITS), 16) / WHOLE;
}
