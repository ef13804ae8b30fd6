import {
  type LoanOffer,
  type LoanRequest,
  type LoanRequestResult,
  requestLoan,
} from '../applications/lifecycle/request-loan.ts';
import type { Application, Requested } from '../applications/model.ts';
import type { SealedRecord } from '../applications/sealed-record.ts';
import { derivedIdBeside } from '../base/ids.ts';
import type { Effect } from '../events/commit.ts';
import type { RegisteredProduct } from '../registry/registry.ts';
import type { InputFault, IntakeDeps } from './intake-deps.ts';
import { missingConsents } from './missing-requirements.ts';

/** Another drawdown was first this often in a row: something is wrong beyond ordinary contention. */
const CONFLICT_LIMIT = 50;

/** A drawdown as it arrives. */
export interface DrawDownInput extends Requested {
  /** The partner's reference: the same again is a retry. */
  readonly partner_ref: string;
  readonly bank_card?: Readonly<Record<string, unknown>>;
  readonly consents?: readonly Readonly<Record<string, unknown>>[];
}

export type DrawDownResult =
  | LoanRequestResult
  | { readonly ok: false; readonly status: 422; readonly faults: readonly InputFault[] };

/**
 * Opens a loan under an application's credit. The loan can be found by its id before anybody is told of it; card and
 * consents are sealed with the applicant's data in the step that opens the loan.
 */
export async function drawDown(
  deps: IntakeDeps,
  application: Application,
  product: RegisteredProduct,
  input: DrawDownInput,
): Promise<DrawDownResult> {
  const request: LoanRequest = {
    loanId: derivedIdBeside('loan', application.id, input.partner_ref),
    partnerRef: input.partner_ref,
    amount: input.amount,
    term: input.term,
    termUnit: input.term_unit,
    purpose: input.purpose,
  };
  const offer: LoanOffer = { terms: product.term.options, min: product.amount.min, step: product.amount.step };
  const nowMs = deps.clock.nowMs();
  const judged = requestLoan(application, request, nowMs, offer);
  if (!judged.ok || judged.replayed) return judged;
  const faults = missingConsents(input.consents ?? [], product.requirements.consents, 'drawdown');
  if (faults.length > 0) return { ok: false, status: 422, faults };
  await deps.store.bindLoan(request.loanId, application.id);
  let read = application;
  for (let attempt = 0; attempt < CONFLICT_LIMIT; attempt += 1) {
    const {
      loans: { length: loans },
      erased_at: erasedAt,
    } = read;
    // After the document: what is erased in between is found erased when the document is written.
    const sealed = await sealedWith(deps, read, input);
    const changed = await deps.store.change<LoanRequestResult | 'stale'>(application.id, (current) => {
      const result = requestLoan(current, request, nowMs, offer);
      if (!result.ok || result.replayed) return { events: [], result };
      // The record lies beside the document: since it was read another drawdown has sealed it anew, or it was erased.
      const isStale = current.loans.length !== loans || current.erased_at !== erasedAt;
      if (sealed.length > 0 && isStale) return { events: [], result: 'stale' };
      return { application: result.application, events: result.events, effects: sealed, result };
    });
    if (changed === undefined) throw new Error(`application ${application.id} is not there`);
    const { result } = changed;
    if (result !== 'stale') return result.ok ? { ...result, application: changed.application } : result;
    read = changed.application;
  }
  throw new Error(`application ${application.id} was drawn ${CONFLICT_LIMIT} times while one drawdown was tried`);
}

/** The sealed record with what the drawdown adds; nothing where nothing is added, or the record was erased. */
async function sealedWith(deps: IntakeDeps, application: Application, input: DrawDownInput): Promise<Effect[]> {
  const { bank_card, consents = [] } = input;
  if (bank_card === undefined && consents.length === 0) return [];
  const { id: applicationId, owner_id: actor } = application;
  const text = await deps.store.sealed(applicationId);
  if (text === undefined) return [];
  const opened = deps.sealer.openJson(text, applicationId, { purpose: 'draw_down', applicationId, actor });
  if (!opened.ok) throw new Error(`sealed record of ${applicationId}: ${opened.message}`);
  const record = opened.plain as SealedRecord;
  const next: SealedRecord = {
    ...record,
    applicant: bank_card === undefined ? record.applicant : { ...record.applicant, bank_card },
    consents: [...record.consents, ...consents],
  };
  return [{ do: 'SET', key: 'sealed', value: deps.sealer.seal(next, applicationId) }];
}
