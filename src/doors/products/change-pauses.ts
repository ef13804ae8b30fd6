import type { AuditView } from '../../audit/audit-entry.ts';
import { type Clock, isoOf } from '../../base/clock.ts';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import { isLive, type PausedBy, type Stop, stopsNow } from '../../catalogue/pause.ts';
import type { ProductRecord } from '../../catalogue/product-record.ts';
import { fileStatusOf, statusNow } from '../../catalogue/product-status.ts';
import type { Language } from '../../http/accept-language.ts';
import { ProblemError } from '../../http/problem.ts';
import type { RegisteredProduct, Registry } from '../../registry/registry.ts';
import type { PausedProductView, PauseRequest } from './pause-schema.ts';

/** What pausing works with. */
export interface PauseDeps {
  readonly registry: () => Registry;
  /** Business time. */
  readonly clock: Clock;
  readonly catalogue: Pick<Catalogue, 'pause' | 'resume' | 'pausesOf' | 'recordOf'>;
}

/** Who pauses, on which side. */
export interface Pauser {
  readonly by: PausedBy;
  /** Name of the operator, or id of the lender. */
  readonly name: string;
}

/**
 * Stops something of a product; the same again changes nothing.
 * @throws ProblemError 422 for an end that has passed
 */
export async function pauseProduct(
  { clock, catalogue }: PauseDeps,
  { by, name }: Pauser,
  product: RegisteredProduct,
  { stop, reason, until }: PauseRequest,
): Promise<ProductRecord> {
  const nowMs = clock.nowMs();
  const untilMs = until === undefined ? null : Date.parse(until);
  if (untilMs !== null && untilMs <= nowMs) throw past(nowMs);
  return catalogue.pause(product.id, { stop, by, until_ms: untilMs, reason, name, at: isoOf(nowMs) });
}

/** Takes up again what this side may take up: an operator everything, a lender what it stopped itself. */
export async function resumeProduct(
  { catalogue }: PauseDeps,
  { by }: Pauser,
  product: RegisteredProduct,
  stop: Stop | undefined,
): Promise<ProductRecord> {
  return catalogue.resume(product.id, by, stop);
}

/** A product with its pauses. @param reader a lender is not told which operator paused its product, nor why */
export function pausedProductView(
  { registry, clock, catalogue }: PauseDeps,
  product: RegisteredProduct,
  language: Language,
  reader: PausedBy,
): PausedProductView {
  const nowMs = clock.nowMs();
  const pauses = catalogue.pausesOf(product.id).filter((pause) => isLive(pause, nowMs));
  const fileStatus = fileStatusOf(registry(), product);
  const record = catalogue.recordOf(product.id);
  return {
    id: product.id,
    name: product.name[language],
    lender_id: product.lender_id,
    status: statusNow(fileStatus, pauses, nowMs),
    file_status: fileStatus,
    stops: [...stopsNow(pauses, nowMs)],
    pauses: pauses.map(({ stop, by, until_ms: untilMs, reason, name, at }) => {
      const isHidden = reader === 'lender' && by === 'operator';
      const until = untilMs === null ? null : isoOf(untilMs);
      return { stop, by, until, reason: isHidden ? null : reason, name: isHidden ? null : name, at };
    }),
    revision: record?.revision ?? 0,
    updated_at: record?.updated_at ?? isoOf(nowMs),
  };
}

/** What the audit log keeps of a product before and after. */
export function auditedPauses(record: ProductRecord | undefined): AuditView {
  return {
    status: record?.status ?? null,
    pauses: (record?.pauses ?? []).map(({ stop, by, until_ms: untilMs }) => {
      return `${stop} by ${by} until ${untilMs === null ? 'resumed' : isoOf(untilMs)}`;
    }),
  };
}

/** @throws ProblemError 404 */
export function productOrProblem(
  { registry }: PauseDeps,
  id: string,
  isReadable: (product: RegisteredProduct) => boolean = () => true,
): RegisteredProduct {
  const product = registry().products.get(id);
  if (product === undefined || !isReadable(product)) throw new ProblemError('not_found', 'there is no such product');
  return product;
}

function past(nowMs: number): ProblemError {
  const message = `must lie after now, which is ${isoOf(nowMs)}`;
  return new ProblemError('validation_failed', `until ${message}`, {
    errors: [{ pointer: '/until', code: 'too_small', message }],
  });
}
