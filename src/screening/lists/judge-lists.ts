import type { TokenForm } from '../../identity/token.ts';
import type { Contributor, CustomerStatus, ListKind, ListName, ListReason, ListScope, ListToken } from './entry.ts';
import { dateOfDay, dayOf } from './entry-rules.ts';

/** One entry that stands about an applicant, as a lookup answers it. */
export interface ListMembership {
  readonly kind: ListKind;
  readonly form: TokenForm;
  readonly list: ListName;
  readonly scope: ListScope;
  readonly contributor: Contributor;
  readonly reason: ListReason;
  readonly status: CustomerStatus | null;
  readonly retryAtMs: number | null;
  /** Last day it counts, days since 1970-01-01 (UTC); null = it never ends. */
  readonly expiresDay: number | null;
  readonly isSuspended: boolean;
  /** Id-number tokens of the person whom the contributor means; empty when they are not known or do not matter. */
  readonly groupIdTokens: readonly Pick<ListToken, 'form' | 'token'>[];
}

/** Through whose eyes the entries are seen. */
export interface ListView {
  /** The funders that could lend, in order; none when a lender lends its own money. */
  readonly funders: readonly {
    readonly id: string;
    /** Whose whitelist counts here too; `until` is the last day. */
    readonly trusts: readonly { readonly funder: string; readonly until?: string | undefined }[];
  }[];
  readonly lenderId: string;
  /** null = the lender's own applicant. */
  readonly partnerId: string | null;
  /** The applicant's id-number tokens; empty when the id number is not known. */
  readonly idTokens: readonly Pick<ListToken, 'form' | 'token'>[];
  readonly nowMs: number;
}

/** Something that people should know of, though it decides nothing. */
export interface ListAnnotation {
  /** `recycled_number`: the phone stands on a list, for another person. */
  readonly code: 'recycled_number';
  readonly list: ListName;
  readonly scope: ListScope;
  readonly reason: ListReason;
}

export interface ListVerdict {
  /** Funders of the product that would refuse this applicant; the others may lend. */
  readonly blockedFunders: readonly string[];
  /** Nobody may lend. */
  readonly blocked: boolean;
  /** Somebody who may lend vouches for the applicant. */
  readonly trusted: boolean;
  /** What the lender already has with them. */
  readonly customer: { readonly status: CustomerStatus; readonly retryAtMs: number | null } | null;
  readonly annotations: readonly ListAnnotation[];
}

/** Several may stand about one person (old and new number): the first of these is told, as its refusal would be. */
const CUSTOMER_PRECEDENCE: readonly CustomerStatus[] = [
  'in_progress',
  'has_loan',
  'has_credit',
  'registered',
  'refused',
  'settled',
];

/**
 * What the lists say of an applicant. Seen are entries of the network, of the product's funders, its lender and the
 * partner who asks; suspended and expired ones count for nothing. Network, lender and partner block for every funder.
 */
export function judgeLists(memberships: readonly ListMembership[], view: ListView): ListVerdict {
  const today = dayOf(view.nowMs);
  const current = memberships.filter(({ isSuspended, expiresDay }) => !isSuspended && (expiresDay ?? today) >= today);
  const isAnothers = (one: ListMembership): boolean => isAnotherPerson(one, view.idTokens);
  const own = current.filter((one) => !isAnothers(one));
  const { blockedFunders, blocked } = blocksOf(own, view);
  const lending = view.funders.filter(({ id }) => !blockedFunders.includes(id));
  return {
    blockedFunders,
    blocked,
    trusted: !blocked && isTrusted(own, view, lending),
    customer: customerOf(own, view),
    annotations: annotationsOf(current.filter((one) => isAnothers(one) && isSeen(one, view))),
  };
}

function blocksOf(own: readonly ListMembership[], view: ListView): Pick<ListVerdict, 'blockedFunders' | 'blocked'> {
  const blocking = new Set(own.filter(({ list }) => list === 'block').map(({ scope }) => scope));
  const all = view.funders.map(({ id }) => id);
  if (everywhereScopes(view).some((scope) => blocking.has(scope))) return { blockedFunders: all, blocked: true };
  const blockedFunders = all.filter((id) => blocking.has(`funder:${id}`));
  return { blockedFunders, blocked: all.length > 0 && blockedFunders.length === all.length };
}

/** Trust of a funder counts where it lends itself, and where a funder that lends has agreed to take its word. */
function isTrusted(own: readonly ListMembership[], view: ListView, lending: ListView['funders']): boolean {
  const today = dateOfDay(dayOf(view.nowMs));
  const trusting = new Set<ListScope>(everywhereScopes(view));
  for (const { id, trusts } of lending) {
    trusting.add(`funder:${id}`);
    for (const { funder, until } of trusts) {
      if (until === undefined || until >= today) trusting.add(`funder:${funder}`);
    }
  }
  return own.some(({ list, scope }) => list === 'trust' && trusting.has(scope));
}

function customerOf(
  own: readonly ListMembership[],
  { lenderId, nowMs }: Pick<ListView, 'lenderId' | 'nowMs'>,
): ListVerdict['customer'] {
  let told: ListVerdict['customer'] = null;
  for (const { list, scope, status, retryAtMs } of own) {
    if (list !== 'customer' || scope !== `lender:${lenderId}` || status === null) continue;
    // A refusal that is over says nothing any more; what else is known of the customer does.
    if (status === 'refused' && retryAtMs !== null && retryAtMs <= nowMs) continue;
    const order = told === null ? -1 : rank(status) - rank(told.status);
    if (order < 0 || (order === 0 && (retryAtMs ?? 0) > (told?.retryAtMs ?? 0))) told = { status, retryAtMs };
  }
  return told;
}

function rank(status: CustomerStatus): number {
  return CUSTOMER_PRECEDENCE.indexOf(status);
}

/**
 * A number that was given to somebody new: the phone is listed, but the person who was meant has another id number. Only a
 * form that both are known in can tell them apart; without one the entry counts.
 */
export function isAnotherPerson(
  { kind, groupIdTokens }: Pick<ListMembership, 'kind' | 'groupIdTokens'>,
  idTokens: ListView['idTokens'],
): boolean {
  if (kind !== 'phone') return false;
  const comparable = groupIdTokens.filter(({ form }) => idTokens.some((own) => own.form === form));
  return comparable.length > 0 && !comparable.some(({ token }) => idTokens.some((own) => own.token === token));
}

/** Scopes that count whoever lends. */
function everywhereScopes({ lenderId, partnerId }: ListView): ListScope[] {
  return ['network', `lender:${lenderId}`, ...(partnerId === null ? [] : [`partner:${partnerId}` as const])];
}

/** Whether an entry of this list and scope counts in this view at all. */
export function isSeen({ list, scope }: Pick<ListMembership, 'list' | 'scope'>, view: ListView): boolean {
  if (everywhereScopes(view).includes(scope)) return true;
  return list !== 'customer' && view.funders.some(({ id }) => scope === `funder:${id}`);
}

/** One each, in a fixed order: the same entry is found under several forms. */
function annotationsOf(anothers: readonly ListMembership[]): readonly ListAnnotation[] {
  const byText = new Map<string, ListAnnotation>();
  for (const { list, scope, reason } of anothers) {
    byText.set(`${list}|${scope}|${reason}`, { code: 'recycled_number', list, scope, reason });
  }
  return [...byText.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, annotation]) => annotation);
}
