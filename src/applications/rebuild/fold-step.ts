import type { LogEvent } from '../../events/event.ts';
import type { Application, Loan } from '../model.ts';

/** What one event makes of an application, by what its data say. Context and standing are the same for all and come after. */
export type FoldStep = (application: Application, event: LogEvent) => Application;

/** For events that are news to somebody, but change nothing of the application. */
export const changesNothing: FoldStep = (application) => application;

/** The data of an event as its writer has put them down; the log is ours, so they are not checked again. */
export function dataOf<Data>(event: LogEvent): Data {
  return event.data as unknown as Data;
}

/** The application with one of its loans changed; as it was when it has no such loan. */
export function changeLoan(application: Application, loanId: unknown, change: (loan: Loan) => Loan): Application {
  if (!application.loans.some(({ id }) => id === loanId)) return application;
  return { ...application, loans: application.loans.map((loan) => (loan.id === loanId ? change(loan) : loan)) };
}

/** The object without those of its members that are not there or null: what is unknown is absent in a document. */
export function withoutBlanks<Thing extends object>(thing: Thing): Partial<Thing> {
  const known = Object.entries(thing).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(known) as Partial<Thing>;
}
