import type { ApplicationStore } from '../applications/store.ts';
import { type AttributionView, attributionView } from '../attribution/attribution-view.ts';
import type { RegistrationStore } from '../attribution/registration-store.ts';
import { isId } from '../base/ids.ts';
import { type LogEvent, placeOfEvent } from '../events/event.ts';
import { readPositions } from '../events/log.ts';
import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import type { CommissionLine } from '../revenue/commission-line.ts';
import { type CommissionView, commissionView } from '../revenue/commission-view.ts';
import type { ChainHead, LedgerEntry } from '../revenue/ledger-entry.ts';
import type { LedgerReader } from '../revenue/ledger-reader.ts';
import { standingOf } from '../revenue/list-commissions.ts';
import type { PeriodStore } from '../revenue/period-store.ts';
import { readStanding } from '../revenue/settlement/read-standing.ts';
import type { Statement } from '../revenue/statement.ts';
import type { ContractTerms } from '../revenue/terms.ts';
import type { Remembered } from './lender-inbox.ts';

export interface EvidenceDeps {
  readonly ledger: LedgerReader;
  readonly periods: PeriodStore;
  readonly store: Pick<ApplicationStore, 'load' | 'inbox'>;
  readonly registrations: Pick<RegistrationStore, 'load'>;
  readonly client: RedisClient;
  readonly keys: Keyspace;
}

/** The lender's message that an event goes back to, as far as it is kept: not the signature itself, nor the message. */
export interface ToldByLender {
  /** The lender's own id of it. */
  readonly id: string;
  /** SHA-256 (hex) over the RFC 8785 form of the event as it was sent; null = its application was erased. */
  readonly digest: string | null;
  /** Key whose signature over the request was verified; null = it is not kept. */
  readonly key_id: string | null;
}

/** Everything that a commission goes back to. */
export interface Evidence {
  readonly commission: CommissionView;
  /** null = no event called for it, or its log is gone. */
  readonly event: (LogEvent & { readonly told: ToldByLender | null }) | null;
  /** The version that priced it; null = its file has it no longer. */
  readonly terms: { readonly version: ContractTerms; readonly pricedFingerprint: string | null } | null;
  readonly attribution: AttributionView | null;
  readonly entry: LedgerEntry | null;
  readonly head: ChainHead;
  readonly statement: Pick<Statement, 'id' | 'revision' | 'status' | 'period'> | null;
  /** What it takes back, and what took it back. */
  readonly related: readonly CommissionView[];
}

/**
 * What stands behind one commission of a counterparty. Reads only.
 * @param contracts all versions of all contracts of the counterparty
 * @returns undefined when the counterparty has no such commission
 */
export async function gatherEvidence(
  deps: EvidenceDeps,
  partyId: string,
  contracts: readonly ContractTerms[],
  commissionId: string,
  language: 'zh' | 'en',
): Promise<Evidence | undefined> {
  const { ledger, periods } = deps;
  const [line] = await ledger.lines(partyId, [commissionId]);
  if (line === undefined) return undefined;
  const [standing, { byId }, entry, { head }, priced, related] = await Promise.all([
    standingOf(ledger, periods, partyId),
    readStanding(ledger, partyId),
    ledger.entryOf(partyId, commissionId),
    ledger.readBook(partyId),
    ledger.pricedTerms(partyId),
    relatedLines(ledger, partyId, line),
  ]);
  const commission = commissionView(line, standing);
  const event = await eventOf(deps, entry);
  const version = contracts.find(({ id }) => id === line.terms_id);
  const stated = commission.statement_id === null ? undefined : byId.get(commission.statement_id);
  return {
    commission,
    event: event && { ...event, told: await toldOf(deps, event) },
    terms: version === undefined ? null : { version, pricedFingerprint: priced.get(line.terms_id) ?? null },
    attribution: await attributionOf(deps, line, language),
    entry: entry ?? null,
    head,
    statement: stated === undefined ? null : { ...stated.statement, status: stated.status },
    related: related.map((one) => commissionView(one, standing)),
  };
}

async function relatedLines(ledger: LedgerReader, partyId: string, line: CommissionLine): Promise<CommissionLine[]> {
  const object = line.loan_id ?? line.application_id;
  const [beside, taken] = await Promise.all([
    object === null ? [] : ledger.linesOfObject(partyId, object),
    line.reverses === null ? [] : ledger.lines(partyId, [line.reverses]),
  ]);
  return [...taken, ...beside.filter(({ reverses }) => reverses === line.id)];
}

async function eventOf({ client, keys }: EvidenceDeps, entry: LedgerEntry | undefined): Promise<LogEvent | null> {
  const id = entry?.ref.event;
  const place = typeof id === 'string' ? placeOfEvent(id) : undefined;
  if (place === undefined) return null;
  const [event] = await readPositions(client, keys, place.shard, [place.position]);
  return event ?? null;
}

async function toldOf({ store }: EvidenceDeps, event: LogEvent): Promise<ToldByLender | null> {
  const { lender_event: id, subject } = event;
  if (id === undefined) return null;
  const [json] = await store.inbox(subject, [id]);
  const remembered = json ? (JSON.parse(json) as Remembered) : undefined;
  const digest = remembered?.digest ? Buffer.from(remembered.digest, 'base64url').toString('hex') : null;
  return { id, digest, key_id: remembered?.key_id ?? null };
}

async function attributionOf(
  { store, registrations }: EvidenceDeps,
  { application_id: id }: CommissionLine,
  language: 'zh' | 'en',
): Promise<AttributionView | null> {
  if (id === null) return null;
  if (isId('reg', id)) {
    const registration = await registrations.load(id);
    return registration ? attributionView(registration.attribution, { viewerId: null, language }) : null;
  }
  const found = await store.load(id);
  if (found === undefined) return null;
  const { attribution, pins } = found.application;
  return attributionView(attribution, { viewerId: null, language, pins });
}
