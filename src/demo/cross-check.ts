import { z } from 'zod';
import { mapBounded } from '../base/map-bounded.ts';
import { PARTNERS, type PartnerId, REFERRER } from './cast-errands.ts';
import { type CheckedStatement, statedBalances } from './collect-statements.ts';
import { DemoFault } from './demo-fault.ts';
import type { DrawnLoan } from './draw-down.ts';
import type { Funnels } from './read-funnels.ts';
import { type Answered, AT_ONCE, type Players, type Sendings } from './send-applicants.ts';

const idSchema = z.object({ id: z.string() });

/** What the outside parties know, to hold against what the gateway says. */
export interface Known {
  readonly sent: Sendings;
  readonly loans: readonly DrawnLoan[];
  readonly statements: readonly CheckedStatement[];
  readonly funnels: Funnels;
}

/** @returns what does not add up, in words; empty = all of it does */
export async function crossCheck(players: Players, known: Known): Promise<string[]> {
  const balances = await Promise.all(PARTNERS.map((id) => balanceFaults(players, id, known.statements)));
  return [
    ...known.statements.flatMap(({ partnerId, statement, faults }) =>
      faults.map((fault) => `${partnerId}, statement ${statement.id}: ${fault}`),
    ),
    ...balances.flat(),
    ...rivalFaults(known.sent),
    ...funnelFaults(known),
    ...(await missingApplications(players, known.sent.answered)),
    ...(await missingLoans(players, known.loans)),
  ];
}

/** Each statement opens with what the one before closed with, and the last closes with the ledger's balance. */
async function balanceFaults(
  players: Players,
  partnerId: PartnerId,
  all: readonly CheckedStatement[],
): Promise<string[]> {
  const statements = all.filter((one) => one.partnerId === partnerId).map(({ statement }) => statement);
  const faults: string[] = [];
  const closings = new Map<string, number>();
  for (const { id, contract, opening, closing } of statements) {
    const before = closings.get(contract) ?? 0;
    if (opening !== before) faults.push(`${partnerId}, statement ${id}: opens with ${opening} after ${before}`);
    closings.set(contract, closing);
  }
  const stated = await statedBalances(players, partnerId);
  for (const [contract, closing] of closings) {
    const balance = stated.get(contract);
    if (balance !== closing) {
      faults.push(`${partnerId}: the last statement of ${contract} closes with ${closing}, the ledger says ${balance}`);
    }
  }
  if (statements.length === 0) faults.push(`${partnerId}: there is no statement`);
  return faults;
}

/** Two partners brought the same person at the same instant: exactly one is not refused. */
function rivalFaults({ rivals }: Sendings): string[] {
  return rivals.flatMap((pair) => {
    const taken = pair.filter(({ status }) => status !== 'refused').length;
    const ids = pair.map(({ applicationId }) => applicationId).join(', ');
    return taken === 1 ? [] : [`${taken} of the rivals ${ids} were taken in instead of one`];
  });
}

/** Every application that was answered is counted, once. */
function funnelFaults({ sent, funnels }: Known): string[] {
  return PARTNERS.flatMap((id) => {
    const answered = sent.answered.filter(({ partnerId }) => partnerId === id).length;
    const counted = funnels[id].applications;
    return counted === answered ? [] : [`${id}: ${answered} applications were answered, ${counted} are counted`];
  });
}

async function missingApplications({ platforms, operator }: Players, answered: readonly Answered[]): Promise<string[]> {
  const faults = await mapBounded(answered, AT_ONCE, ({ partnerId, applicationId }) =>
    absence(applicationId, () =>
      partnerId === REFERRER
        ? operator.get(`/admin/v1/applications/${applicationId}`, idSchema)
        : platforms[partnerId].get(`/v1/applications/${applicationId}`, idSchema),
    ),
  );
  return faults.flat();
}

async function missingLoans({ platforms }: Players, loans: readonly DrawnLoan[]): Promise<string[]> {
  const faults = await mapBounded(loans, AT_ONCE, ({ partnerId, loanId }) =>
    absence(loanId, () => platforms[partnerId].get(`/v1/loans/${loanId}`, idSchema)),
  );
  return faults.flat();
}

async function absence(id: string, read: () => Promise<{ id: string }>): Promise<string[]> {
  try {
    const found = await read();
    return found.id === id ? [] : [`${id} was answered, and now reads ${found.id}`];
  } catch (error) {
    if (error instanceof DemoFault) return [`${id} was answered, and is gone: ${error.message}`];
    throw error;
  }
}
