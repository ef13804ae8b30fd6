import type { Loan } from '../applications/model.ts';
import type { SealedDrawdown, SealedRecord } from '../applications/sealed-record.ts';
import { normalisedCard } from './supplied-papers.ts';

/** What of a drawdown names the applicant, or may. */
export interface PrivateDrawdown {
  readonly bank_card?: Readonly<Record<string, unknown>> | undefined;
  readonly consents?: readonly Readonly<Record<string, unknown>>[] | undefined;
  readonly return_url?: string | undefined;
}

/**
 * The sealed record with what a drawdown adds. The card that the loan goes to is kept with the loan, so that the lender is
 * told the same however often it is told, whatever card a later drawdown brings.
 * @param hasCard whether a bound card is used: the lender has it
 */
export function recordDrawdown(
  record: SealedRecord,
  loanId: Loan['id'],
  given: PrivateDrawdown,
  hasCard: boolean,
): SealedRecord {
  const { consents = [], return_url = null } = given;
  const bank_card = given.bank_card && normalisedCard(given.bank_card);
  const drawdown: SealedDrawdown = {
    bank_card: bank_card ?? (hasCard ? null : applicantsCard(record)),
    consents,
    return_url,
  };
  return {
    ...record,
    applicant: bank_card === undefined ? record.applicant : { ...record.applicant, bank_card },
    consents: [...record.consents, ...consents],
    drawdowns: { ...record.drawdowns, [loanId]: drawdown },
  };
}

function applicantsCard({ applicant: { bank_card: card } }: SealedRecord): SealedDrawdown['bank_card'] {
  return typeof card === 'object' && card !== null ? { ...card } : null;
}
