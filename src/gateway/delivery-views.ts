import { loanView } from '../applications/lifecycle/loan-view.ts';
import { applicationView } from '../applications/lifecycle/view.ts';
import type { Application } from '../applications/model.ts';
import type { Registration } from '../attribution/registration-store.ts';
import { isId, shardOfId } from '../base/ids.ts';
import type { DeliveryViews, Earned, Money, PostbackFacts, ThingView } from '../delivery/delivery-views.ts';
import type { FeedEntry } from '../delivery/feed/feed-entry.ts';
import { timeOf } from '../delivery/feed/feed-store.ts';
import { Shelf } from '../doors/partner/products/shelf.ts';
import { statementView } from '../doors/schemas/statement-view.ts';
import { parkedField } from '../events/checkpoint.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';
import type { CommissionLine } from '../revenue/commission-line.ts';
import { COMMISSION_PROJECTION } from '../revenue/commission-projection.ts';
import { commissionView } from '../revenue/commission-view.ts';
import { concerns } from '../revenue/concerns.ts';
import { toDecimal } from '../revenue/decimal-money.ts';
import { standingOf } from '../revenue/list-commissions.ts';
import { PeriodStore } from '../revenue/period-store.ts';
import { readStanding } from '../revenue/settlement/read-standing.ts';
import { signCompactJws } from '../trust/compact-jws.ts';
import type { Ground, Rooms } from './rooms.ts';

type ViewRooms = Pick<Rooms, 'store' | 'registrations' | 'clicks' | 'ledger' | 'contractsOf'>;

/** An event is booked before it is told, unless it is parked; that it is parked is written down a moment later. */
const BOOKED_WITHIN_MS = 3_000;
const PARKED_WAIT_MS = 60_000;

/** What partners are told about, as the rooms that keep it show it. */
export function createDeliveryViews(ground: Ground, rooms: ViewRooms): DeliveryViews {
  const { registry, clock, catalogue } = ground;
  const shelf = new Shelf({ registry: () => registry.current(), clock, catalogue });
  return {
    async things(partnerId, entries) {
      const partner = registry.current().traffic.get(partnerId);
      if (partner === undefined) return entries.map(({ about }) => ({ id: about }));
      const money = moneyThings(ground, rooms, partnerId);
      const applications = remembered((id) => rooms.store.load(id));
      return Promise.all(
        entries.map(async (entry): Promise<ThingView> => {
          const { about } = entry;
          if (isId('app', about)) return lifeView((await applications(about))?.application, entry, partner);
          if (isId('com', about)) return (await money.commission(about)) ?? { id: about };
          if (isId('stm', about)) return (await money.statement(about)) ?? { id: about };
          if (isId('reg', about)) return registrationView(await rooms.registrations.load(about), about);
          const product = shelf.product(about, 'en');
          return product === undefined ? { id: about } : (JSON.parse(product.body) as ThingView);
        }),
      );
    },
    postbackFacts: (partnerId, entry) => postbackFacts(ground, rooms, partnerId, entry),
    earned: (partnerId, entry) => earned(ground, rooms, partnerId, entry),
    majorUnits: ({ minor, currency }) => toDecimal(minor, currency),
  };
}

/** An application, or the loan of it that the event is about. */
function lifeView(application: Application | undefined, { about, type, loan_id }: FeedEntry, partner: TrafficPartner) {
  const isOwn = application?.owner_id === partner.id;
  if (application === undefined || !isOwn) return { id: about };
  const isAboutLoan = loan_id !== undefined && !type.startsWith('action.');
  if (!isAboutLoan) return applicationView(application, partner);
  const loan = application.loans.find(({ id }) => id === loan_id);
  return loan === undefined ? { id: loan_id } : loanView(application, loan, partner.visibility);
}

function registrationView(registration: Registration | undefined, id: string): ThingView {
  if (registration === undefined) return { id };
  const { lender_id, lender_ref, product_id, attribution, registered_at } = registration;
  const { partner_id, via, reason } = attribution;
  return { id, lender_id, lender_ref, product_id, attribution: { partner_id, via, reason }, registered_at };
}

/** Commissions and statements of one partner; what all of them hang on is read once. */
function moneyThings({ redis, ourKeys }: Ground, { ledger }: ViewRooms, partnerId: string) {
  const periods = new PeriodStore(redis.client, redis.keys);
  const lineStanding = remembered(() => standingOf(ledger, periods, partnerId));
  const standing = remembered(() => readStanding(ledger, partnerId));
  return {
    async commission(id: string): Promise<ThingView | undefined> {
      const [line] = await ledger.lines(partnerId, [id]);
      return line && { ...commissionView(line, await lineStanding('')) };
    },
    async statement(id: string): Promise<ThingView | undefined> {
      const found = (await standing('')).byId.get(id);
      return found && { ...statementView(found, (payload) => signCompactJws(payload, ourKeys.current())) };
    },
  };
}

async function postbackFacts(
  { registry }: Ground,
  rooms: ViewRooms,
  partnerId: string,
  entry: FeedEntry,
): Promise<PostbackFacts> {
  const [line] = isId('com', entry.about) ? await rooms.ledger.lines(partnerId, [entry.about]) : [];
  const about = line?.application_id ?? entry.about;
  const partner = registry.current().traffic.get(partnerId);
  const application = isId('app', about) ? (await rooms.store.load(about))?.application : undefined;
  const registration = isId('reg', about) ? await rooms.registrations.load(about) : undefined;
  const isOwn = application?.owner_id === partnerId;
  const clickId = (isOwn ? application.click_id : registration?.attribution.click_id) ?? '';
  const view: ThingView = isOwn && partner ? lifeView(application, { ...entry, about }, partner) : {};
  const ofClick = isOwn || clickId === '' ? undefined : await rooms.clicks.load(clickId);
  return {
    clickId,
    link: (isOwn ? application.link_code : registration?.attribution.link_code) ?? '',
    subIds: (isOwn ? application.sub_ids : ofClick?.sub_ids) ?? {},
    applicationId: about.startsWith('app_') || about.startsWith('reg_') ? about : '',
    partnerRef: (isOwn ? application.partner_ref : null) ?? '',
    status: line?.status ?? text(view.status),
    reason: line === undefined ? text(view.reason ?? entry.facts?.reason) : (line.reason ?? ''),
    amount: line === undefined ? amountOf(entry) : { minor: BigInt(line.amount), currency: line.currency },
  };
}

/** Amounts that an event may be about; a payment is about all of its parts. */
function amountOf({ facts = {} }: FeedEntry): Money | null {
  const { principal, amount, amount_overdue, interest, fees } = facts;
  const first = moneyOf(principal) ?? moneyOf(amount) ?? moneyOf(amount_overdue);
  if (first === null) return null;
  const rest = [interest, ...(Array.isArray(fees) ? fees.map((fee) => (fee as { amount?: unknown }).amount) : [])];
  const minor = rest.reduce<bigint>((sum, part) => sum + (moneyOf(part)?.minor ?? 0n), first.minor);
  return { minor, currency: first.currency };
}

function moneyOf(value: unknown): Money | null {
  if (typeof value !== 'object' || value === null || !('amount' in value) || !('currency' in value)) return null;
  const { amount, currency } = value;
  return typeof amount === 'number' && typeof currency === 'string' ? { minor: BigInt(amount), currency } : null;
}

/** What a commission, or everything of an application or registration, has earned so far. */
async function earned(ground: Ground, rooms: ViewRooms, partnerId: string, entry: FeedEntry): Promise<Earned> {
  const { ledger } = rooms;
  const { about } = entry;
  if (isId('com', about)) {
    const [line] = await ledger.lines(partnerId, [about]);
    const sums = line === undefined ? [] : [{ minor: standingAmount(line), currency: line.currency }];
    return { kind: 'known', sums };
  }
  if (entry.earns !== true) return { kind: 'known', sums: [] };
  const waitMs = await bookedIn(ground, rooms, partnerId, entry);
  if (waitMs > 0) return { kind: 'later', waitMs };
  const sums = new Map<string, bigint>();
  // What was taken back has lines of its own, which count below zero.
  for (const line of await ledger.linesOfObject(partnerId, about)) {
    if (line.status !== 'void') sums.set(line.currency, (sums.get(line.currency) ?? 0n) + BigInt(line.amount));
  }
  return { kind: 'known', sums: [...sums].map(([currency, minor]) => ({ minor, currency })) };
}

function standingAmount({ status, amount, clawed_back }: CommissionLine): bigint {
  return status === 'void' ? 0n : BigInt(amount) - BigInt(clawed_back);
}

/** How long to wait until what the event earns is booked, ms; 0 = it is, or it earns nothing. */
async function bookedIn(
  { redis }: Ground,
  { ledger, contractsOf }: ViewRooms,
  partnerId: string,
  entry: FeedEntry & { readonly position?: string },
): Promise<number> {
  const { client, keys } = redis;
  const { id, type, about, position } = entry;
  if (!concerns(contractsOf(partnerId) ?? [], type)) return 0;
  if ((await client.hexists(ledger.slot(partnerId).transfers, id)) === 1) return 0;
  const isFresh = position !== undefined && Date.now() - timeOf(position) < BOOKED_WITHIN_MS;
  if (isFresh) return BOOKED_WITHIN_MS;
  const parked = parkedField(COMMISSION_PROJECTION, about);
  return (await client.hexists(keys.shard(shardOfId(about), 'parked'), parked)) === 1 ? PARKED_WAIT_MS : 0;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Asks for each id once. */
function remembered<T>(read: (id: string) => Promise<T>): (id: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (id) => {
    const found = known.get(id) ?? read(id);
    known.set(id, found);
    return found;
  };
}
