import type { Language } from '../../http/accept-language.ts';
import type { LinkTarget } from '../../intake/find-link.ts';
import { recordClick } from '../../intake/record-click.ts';
import { VISITOR_COOKIE } from './browser.ts';
import { landingAddress, readArriving } from './landing-address.ts';
import type { ReferralDeps } from './referral-deps.ts';

/** Browsers keep a cookie for 400 days at the most. */
const COOKIE_MAX_AGE_SECONDS = 34_560_000;
const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({});
const HOSTED = 'hosted';

/** What is known of somebody who follows a link. */
export interface Follower {
  /** Our visitor cookie's value. */
  readonly cookie: string | undefined;
  readonly address: string;
  readonly userAgent: string;
  readonly isSpeculative: boolean;
  /** What follows the `?`. */
  readonly rawQuery: string;
  /** The `Host` that was asked. */
  readonly host: string;
  /** What the browser asks for; only links with variants need to know. */
  readonly language?: Language | undefined;
}

export interface Redirect {
  readonly location: string;
  /** Value of `Set-Cookie`; null = none is set. */
  readonly setCookie: string | null;
}

/**
 * Records the click and says where the browser goes; undefined = nowhere: the link has to be signed, the address is not as its
 * partner made it, and there is no other place for those.
 */
export async function redirect(
  deps: ReferralDeps,
  target: LinkTarget,
  follower: Follower,
): Promise<Redirect | undefined> {
  const arriving = readArriving(follower.rawQuery, target.pass);
  const answer = await recordClick(deps.click, target, {
    cookie: follower.cookie,
    address: follower.address,
    userAgent: follower.userAgent,
    isSpeculative: follower.isSpeculative,
    subIds: arriving.subIds,
    rawQuery: follower.rawQuery,
    language: follower.language,
  });
  if (answer.cause?.startsWith('entry_') === true && target.fallbackUrl === null) return undefined;
  const isElsewhere = answer.cause !== null && target.fallbackUrl !== null;
  // What is switched off and leads nowhere else is told by the hosted page.
  const own = answer.cause === 'link_paused' ? HOSTED : (answer.landing ?? target.landing);
  const url = isElsewhere ? target.fallbackUrl : own;
  const origin = originOf(deps, follower.host);
  const landing = {
    url: url === HOSTED ? `${origin}/apply/${target.code}` : url,
    linkCode: target.code,
    partnerId: target.partner.id,
    pass: target.pass,
    params: isElsewhere || url === HOSTED ? NO_PARAMS : target.params,
  };
  return {
    location: landingAddress(landing, answer.clickId, arriving),
    setCookie: answer.cookie === null ? null : cookieLine(origin, answer.cookie),
  };
}

/** The public origin that was asked: whoever came by one of our hosts stays there, where the visitor's cookie is. */
function originOf({ publicUrl, publicNames }: ReferralDeps, host: string): string {
  const name = publicNames.find(host);
  return name === undefined ? publicUrl : `${name.scheme}://${name.authority}`;
}

function cookieLine(origin: string, value: string): string {
  const secure = origin.startsWith('https:') ? '; Secure' : '';
  return `${VISITOR_COOKIE}=${value}; Max-Age=${COOKIE_MAX_AGE_SECONDS}; Path=/; HttpOnly; SameSite=Lax${secure}`;
}
