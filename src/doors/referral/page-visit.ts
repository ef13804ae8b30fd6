import { randomBytes } from 'node:crypto';
import { deviceOf } from '../../attribution/variants/device-class.ts';
import { readVariantMark } from '../../base/variant-mark.ts';
import type { Language } from '../../http/accept-language.ts';
import type { DoorContext } from '../../http/request-context.ts';
import type { PageEvent } from '../../insight/pages/page-event.ts';
import { CLICK_AGE_MAX_MS } from '../../insight/pages/page-loads.ts';
import type { ErrorCode } from '../../insight/pages/page-vocabulary.ts';
import type { LinkTarget } from '../../intake/find-link.ts';
import { isUnavailable } from '../../redis/is-unavailable.ts';
import { isSpeculative, userAgentOf } from './browser.ts';
import { NO_VARIANT, type PageVariant } from './page-variant.ts';
import type { ReferralDeps } from './referral-deps.ts';

/** One load of the form: how it is shown, and the name under which it tells of itself; undefined = nobody counts it. */
export interface Visit {
  readonly variant: PageVariant;
  readonly load: string | undefined;
}

type VisitDeps = Pick<ReferralDeps, 'page' | 'pages' | 'logger'>;

const NOT_COUNTED: Visit = { variant: NO_VARIANT, load: undefined };

/**
 * Opens the form for whoever came by a click: in the variant that the click got, whatever the weights are by now. Counts a view,
 * unless it is a robot's, or a browser's that only fetches ahead: its script tells when the page is looked at.
 */
export async function openVisit(
  c: DoorContext<never>,
  deps: VisitDeps,
  target: LinkTarget,
  clickId: string | null,
  language: Language,
): Promise<Visit> {
  if (clickId === null) return NOT_COUNTED;
  const click = await quietly(deps, () => deps.page.clicks.load(clickId));
  if (click === undefined || click.link_code !== target.code) return NOT_COUNTED;
  const variant = variantOf(target, click, language);
  const nowMs = deps.page.clock.nowMs();
  if (click.bot || nowMs - click.at_ms > CLICK_AGE_MAX_MS) return { variant, load: undefined };
  const by = {
    clickId,
    partnerId: click.partner_id,
    linkCode: click.link_code,
    productId: click.product_id,
    variant: click.variant ?? null,
    device: deviceOf(userAgentOf(c)).device,
  };
  const { load, name } = deps.pages.loads.open(by, nowMs);
  if (!isSpeculative(c)) await quietly(deps, () => deps.pages.counter.count(load, [{ type: 'view' }]));
  return { variant, load: name };
}

/** How the form of a post was shown when it was opened. */
export function visitAgain(
  { page, pages }: VisitDeps,
  target: LinkTarget,
  name: string | undefined,
  language: Language,
): PageVariant {
  const load = name === undefined ? undefined : pages.loads.read(name, page.clock.nowMs());
  return load === undefined ? NO_VARIANT : variantOf(target, load, language);
}

/** Tells what the server knows of a load, so that the funnel is whole for browsers without script. */
export async function tellVisit(
  deps: VisitDeps,
  name: string | undefined,
  events: readonly PageEvent[],
): Promise<void> {
  const load = name === undefined ? undefined : deps.pages.loads.read(name, deps.page.clock.nowMs());
  if (load !== undefined) await quietly(deps, () => deps.pages.counter.count(load, events));
}

/** What is wrong on a form that came back, as events of its load. */
export function faultEvents(
  faults: Readonly<Record<string, string>>,
  typed: Readonly<Record<string, string>>,
): readonly PageEvent[] {
  // Drawn here: a script that is sent again after a lost reply counts them once.
  const post = randomBytes(4).toString('hex');
  return Object.keys(faults).map((field) => {
    return { type: 'field_error', key: `${post}${field}`, field, code: codeOf(field, typed[field] ?? '') };
  });
}

const CODES: Readonly<Record<string, ErrorCode>> = {
  name: 'name_invalid',
  id_number: 'id_invalid',
  phone: 'phone_invalid',
  amount: 'amount_invalid',
  otp: 'otp_wrong',
  term: 'choose_one',
  purpose: 'choose_one',
};

function codeOf(field: string, typed: string): ErrorCode {
  if (field === 'consent') return 'consent_needed';
  if (typed === '')
    return field === 'otp' ? 'otp_needed' : field === 'term' || field === 'purpose' ? 'choose_one' : 'required';
  return CODES[field] ?? 'value_invalid';
}

function variantOf(
  target: LinkTarget,
  { variant: mark }: { readonly variant?: string | null | undefined },
  language: Language,
): PageVariant {
  const id = readVariantMark(mark)?.id;
  const page = id === undefined ? undefined : target.variants.find((variant) => variant.id === id)?.page;
  if (page === undefined) return NO_VARIANT;
  const { headline, note, button, default_amount, default_term } = page;
  return {
    headline: headline?.[language],
    note: note?.[language],
    button: button?.[language],
    default_amount,
    default_term,
  };
}

/** Nothing that is only counted keeps anybody from applying. */
async function quietly<T>({ logger }: VisitDeps, work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!isUnavailable(error)) logger.error({ err: error }, 'page visit');
    return undefined;
  }
}
