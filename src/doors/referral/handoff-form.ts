import type { Application } from '../../applications/model.ts';
import type { Prefill } from '../../attribution/handoffs/handoff.ts';
import { FORM_LIFETIME_MS } from '../../attribution/handoffs/handoff-store.ts';
import { DAY_MS, msOf, SECOND_MS } from '../../base/clock.ts';
import { isId } from '../../base/ids.ts';
import type { DoorContext } from '../../http/request-context.ts';
import { maskIdNumber, maskName, maskPhone } from '../../identity/mask.ts';
import { type HandoffForm, holderProof, openHandoffForm } from '../../intake/open-handoff-form.ts';
import { headerOf } from './browser.ts';
import type { FormHandoff, FormState } from './form-token.ts';
import type { Typed } from './read-form.ts';
import type { ReferralDeps } from './referral-deps.ts';

const COOKIE = 'sluice_h';
const FILLED = ['name', 'id_number', 'phone'] as const;
/** A phone that its partner verified longer ago may be somebody else's by now. */
const VERIFIED_MAX_MS = DAY_MS;

/** Path of our own form for a hand-off, and the cookie that lets this browser alone see it. */
export function handoffFormAddress(
  { publicUrl, handoffs }: Pick<ReferralDeps, 'publicUrl' | 'handoffs'>,
  handoffId: string,
): { readonly location: string; readonly setCookie: string } {
  const path = `/apply/${handoffId}`;
  const secure = publicUrl.startsWith('https:') ? '; Secure' : '';
  const life = `Max-Age=${FORM_LIFETIME_MS / SECOND_MS}; Path=${path}; HttpOnly; SameSite=Lax${secure}`;
  return {
    // The host that was asked: another one has not the cookie.
    location: path,
    setCookie: `${COOKIE}=${holderProof(handoffs.returnKey, handoffId)}; ${life}`,
  };
}

/** Whether what stands where links have their code is a hand-off. */
export function isHandoff(code: string): boolean {
  return isId('hnd', code);
}

/** The form of a hand-off, for the browser that opened it; undefined for any other, and when its time is over. */
export function openPrefill(
  c: DoorContext<never>,
  deps: ReferralDeps,
  handoffId: string,
): Promise<HandoffForm | undefined> {
  const proof = new RegExp(`(?:^|; )${COOKIE}=([A-Za-z0-9_-]{22})(?:;|$)`).exec(headerOf(c, 'cookie') ?? '')?.[1];
  return openHandoffForm(deps.handoffs, handoffId, proof ?? '');
}

/** What a form carries of its hand-off. @param nowMs business time */
export function formHandoff({ handoff, prefill, target }: HandoffForm, nowMs: number): FormHandoff {
  const { phone_verified_at: verifiedAt, ...person } = prefill;
  const ageMs = verifiedAt === undefined ? Number.POSITIVE_INFINITY : nowMs - msOf(verifiedAt);
  const isVerified = target.partner.phone_verification === 'partner' && ageMs <= VERIFIED_MAX_MS;
  return {
    id: handoff.id,
    partnerUserRef: handoff.partner_user_ref,
    person,
    phoneVerifiedAt: isVerified && person.phone !== undefined ? (verifiedAt ?? null) : null,
  };
}

/** What was typed, and where nothing was, what came with the hand-off. */
export function withPrefill(typed: Typed, { handoff }: Pick<FormState, 'handoff'>): Typed {
  const given = FILLED.flatMap((name): [string, string][] => {
    const value = handoff?.person[name];
    return value !== undefined && !typed[name] ? [[name, value]] : [];
  });
  return given.length === 0 ? typed : { ...typed, ...Object.fromEntries(given) };
}

/** What was typed alone: what came with the hand-off is never written into a page. */
export function withoutPrefill(typed: Typed, { handoff }: Pick<FormState, 'handoff'>): Typed {
  if (handoff === undefined) return typed;
  return Object.fromEntries(
    Object.entries(typed).filter(
      ([name, value]) => (handoff.person as Readonly<Record<string, string>>)[name] !== value,
    ),
  );
}

/** What came with the hand-off, as it is shown: enough to know oneself again, by name of input. */
export function maskedPrefill({ handoff }: Pick<FormState, 'handoff'>): Readonly<Record<string, string>> {
  const { name, id_number: idNumber, phone }: Prefill = handoff?.person ?? {};
  return {
    ...(name === undefined ? {} : { name: maskName(name) }),
    ...(idNumber === undefined ? {} : { id_number: maskIdNumber(idNumber) }),
    ...(phone === undefined ? {} : { phone: maskPhone(phone) }),
  };
}

/** The way back to the partner that handed an applicant over. */
export interface WayBack {
  readonly href: string;
  /** Name of the partner. */
  readonly partner: string;
}

/** Undefined when nobody handed them over, or somebody else's applicant they have turned out to be. */
export function wayBack(
  { handoffs, page }: Pick<ReferralDeps, 'handoffs' | 'page'>,
  { handoff_id: id, owner_id: owner, attribution }: Pick<Application, 'handoff_id' | 'owner_id' | 'attribution'>,
): WayBack | undefined {
  const handedOver = attribution.candidates.find(({ touch }) => touch.id === id);
  const partner = page.registry().traffic.get(owner ?? '')?.name;
  if (id === null || partner === undefined || handedOver?.partner_id !== owner) return undefined;
  return { href: handoffs.returnAddress(id), partner };
}
