import type { Click } from '../attribution/clicks/click.ts';
import { randomOfClickId } from '../attribution/clicks/click-id.ts';
import { type AudienceFacts, chooseVariant } from '../attribution/variants/choose-variant.ts';
import { deviceOf } from '../attribution/variants/device-class.ts';
import { splitOf } from '../attribution/variants/split-of.ts';
import { type ReceivedBy, readVariantMark, variantMarkText } from '../base/variant-mark.ts';
import { UTM_NAMES, type Variant } from '../registry/schema/variants.ts';
import type { LinkTarget } from './find-link.ts';

/** What audiences are judged by, as it comes. */
export interface Arriver {
  readonly userAgent: string;
  /** What follows the `?` of the address. */
  readonly rawQuery: string;
  readonly language?: 'zh' | 'en' | undefined;
}

/** How a click is received. */
export interface Reception {
  readonly variant: Variant;
  /** What the click keeps of it. */
  readonly mark: string;
}

/** The variant of a link that a click gets; undefined for a link without. Costs nothing where there are none. */
export function receptionOf(target: LinkTarget, random: string, arriver: Arriver): Reception | undefined {
  if (target.variants.length === 0) return undefined;
  const variant = chooseVariant(target, random, audienceFacts(arriver));
  return variant && { variant, mark: variantMarkText({ id: variant.id, split: splitOf(target.variants) }) };
}

/** Where a click that came again leads: where it led the first time, as far as the same weights stand. */
export function landingAgain(target: LinkTarget, clickId: string, arriver: Arriver): string | undefined {
  const random = randomOfClickId(clickId);
  return random === undefined ? undefined : receptionOf(target, random, arriver)?.variant.landing;
}

function audienceFacts({ rawQuery, userAgent, language = 'en' }: Arriver): AudienceFacts {
  const query = new URLSearchParams(rawQuery);
  const utm = UTM_NAMES.flatMap((name) => {
    const value = query.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  const asked = query.get('lang');
  return {
    utm: Object.fromEntries(utm),
    ...deviceOf(userAgent),
    language: asked === 'zh' || asked === 'en' ? asked : language,
  };
}

/** The variant that received whoever came by a click; undefined when none did. */
export function receivedBy(click: Click | undefined): ReceivedBy | undefined {
  const mark = readVariantMark(click?.variant);
  if (click === undefined || mark === undefined) return undefined;
  return { partner_id: click.partner_id, link_code: click.link_code, click_id: click.id, ...mark };
}
