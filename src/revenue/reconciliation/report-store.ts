import { DAY_MS } from '../../base/clock.ts';
import type { RedisClient } from '../../redis/connection.ts';
import type { Keyspace } from '../../redis/keyspace.ts';
import type { RememberedMapping } from './reading/open-file.ts';
import type { ReconciliationReport } from './report.ts';
import type { RowResolution } from './resolution.ts';

/** Days for which a report and its rows are kept: a quarter, its closing, and some more. */
export const REPORT_DAYS = 180;
const REPORT_SECONDS = (REPORT_DAYS * DAY_MS) / 1_000;

/** Reports, what was resolved of them, and how files were read last. */
export class ReportStore {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /** The report that is stored under its id from now on: this one, or one that was there before. */
  async save(counterpartyId: string, report: ReconciliationReport): Promise<ReconciliationReport> {
    const key = this.#report(counterpartyId, report.id);
    const before = await this.#client.set(key, JSON.stringify(report), 'EX', REPORT_SECONDS, 'NX', 'GET');
    return before === null ? report : (JSON.parse(before) as ReconciliationReport);
  }

  async find(counterpartyId: string, id: string): Promise<ReconciliationReport | undefined> {
    const json = await this.#client.get(this.#report(counterpartyId, id));
    return json === null ? undefined : (JSON.parse(json) as ReconciliationReport);
  }

  async exists(counterpartyId: string, id: string): Promise<boolean> {
    return (await this.#client.exists(this.#report(counterpartyId, id))) === 1;
  }

  /** How the last file about a contract was read. */
  async remembered(counterpartyId: string, contract: string): Promise<RememberedMapping | undefined> {
    const json = await this.#client.hget(this.#keys.partner(counterpartyId, 'reconciliation', 'mappings'), contract);
    return json === null ? undefined : (JSON.parse(json) as RememberedMapping);
  }

  async remember(counterpartyId: string, contract: string, mapping: RememberedMapping): Promise<void> {
    const key = this.#keys.partner(counterpartyId, 'reconciliation', 'mappings');
    await this.#client.hset(key, contract, JSON.stringify(mapping));
  }

  /** What was resolved of some issues of a statement, by issue. */
  async resolutions(
    counterpartyId: string,
    statementId: string,
    issues: readonly string[],
  ): Promise<ReadonlyMap<string, RowResolution>> {
    if (issues.length === 0) return new Map();
    const stored = await this.#client.hmget(this.#resolved(counterpartyId, statementId), ...issues);
    return new Map(
      issues.flatMap((issue, index) => {
        const json = stored[index];
        return json ? [[issue, JSON.parse(json) as RowResolution] as const] : [];
      }),
    );
  }

  /** Takes an issue to be resolved so; what was taken before stays. @returns what stands */
  async claim(
    counterpartyId: string,
    statementId: string,
    issue: string,
    resolution: RowResolution,
  ): Promise<{ readonly isOurs: boolean; readonly resolution: RowResolution }> {
    const key = this.#resolved(counterpartyId, statementId);
    if ((await this.#client.hsetnx(key, issue, JSON.stringify(resolution))) === 1) return { isOurs: true, resolution };
    const json = await this.#client.hget(key, issue);
    return { isOurs: false, resolution: json === null ? resolution : (JSON.parse(json) as RowResolution) };
  }

  /** Says what became of an issue that was claimed. */
  async settle(
    counterpartyId: string,
    statementId: string,
    issues: readonly (readonly [issue: string, resolution: RowResolution])[],
  ): Promise<void> {
    if (issues.length === 0) return;
    const fields = issues.flatMap(([issue, resolution]) => [issue, JSON.stringify(resolution)]);
    await this.#client.hset(this.#resolved(counterpartyId, statementId), ...fields);
  }

  /** Gives an issue back of which nothing came. */
  async release(counterpartyId: string, statementId: string, issue: string): Promise<void> {
    await this.#client.hdel(this.#resolved(counterpartyId, statementId), issue);
  }

  #report(counterpartyId: string, id: string): string {
    return this.#keys.partner(counterpartyId, 'reconciliation', id);
  }

  #resolved(counterpartyId: string, statementId: string): string {
    return this.#keys.partner(counterpartyId, 'reconciliation', 'resolved', statementId);
  }
}
