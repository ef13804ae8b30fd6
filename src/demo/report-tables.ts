import Table from 'cli-table3';
import { toDecimal } from '../revenue/decimal-money.ts';
import { PARTNERS } from './cast-errands.ts';
import type { CheckedStatement } from './collect-statements.ts';
import type { Funnel, Funnels } from './read-funnels.ts';

const CURRENCY = 'CNY';
/** Columns apart, no lines: for files and logs. */
const PLAIN: Table.TableConstructorOptions['chars'] = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** The partners' funnels and their statements as text. @param isTerminal false = ASCII without lines or colours */
export function reportTables(funnels: Funnels, statements: readonly CheckedStatement[], isTerminal: boolean): string {
  const people = tableOf(isTerminal, [
    ['partner', 'left'],
    ['clicks', 'right'],
    ['applications', 'right'],
    ['refused', 'left'],
    ['granted', 'right'],
    ['loans', 'right'],
    [`disbursed ${CURRENCY}`, 'right'],
    [`commission ${CURRENCY}`, 'right'],
  ]);
  for (const id of PARTNERS) {
    const funnel = funnels[id];
    people.push([
      id,
      funnel.clicks.raw,
      funnel.applications,
      refusals(funnel),
      funnel.granted,
      funnel.disbursed.count,
      shown(funnel.disbursed.principal[CURRENCY] ?? 0),
      shown(commissionOf(statements.filter(({ partnerId }) => partnerId === id))),
    ]);
  }
  const books = tableOf(isTerminal, [
    ['partner', 'left'],
    ['period', 'left'],
    ['statement', 'left'],
    ['lines', 'right'],
    ['commission', 'right'],
    ['tax', 'right'],
    [`closing ${CURRENCY}`, 'right'],
    ['verified', 'left'],
  ]);
  const marks = isTerminal ? { yes: '✓', no: '✗' } : { yes: 'ok', no: 'FAILED' };
  for (const { partnerId, statement, faults } of statements) {
    const { period, id, lines_count, accruals, adjustments, tax, closing } = statement;
    const money = [accruals + adjustments, tax, closing].map(shown);
    books.push([partnerId, period.id, id, lines_count, ...money, faults.length === 0 ? marks.yes : marks.no]);
  }
  return `${people.toString()}\n\n${books.toString()}`;
}

function tableOf(isTerminal: boolean, columns: readonly (readonly [string, 'left' | 'right'])[]) {
  return new Table({
    head: columns.map(([title]) => title),
    colAligns: columns.map(([, align]) => align),
    style: { head: [], border: isTerminal ? ['gray'] : [], compact: true, ...(isTerminal ? {} : PLAIN_STYLE) },
    ...(isTerminal ? {} : { chars: PLAIN }),
  });
}

const PLAIN_STYLE = { 'padding-left': 0, 'padding-right': 0 };

function refusals({ refused, refused_by_reason: reasons }: Funnel): string {
  if (refused === 0) return '0';
  const parts = Object.entries(reasons)
    .sort(([, a], [, b]) => b - a)
    .map(([reason, count]) => `${reason} ${count}`);
  return `${refused}: ${parts.join(', ')}`;
}

/** What the statements accrued, less what they took back; before tax. */
function commissionOf(statements: readonly CheckedStatement[]): number {
  return statements.reduce((sum, { statement }) => sum + statement.accruals + statement.adjustments, 0);
}

function shown(minor: number): string {
  return toDecimal(BigInt(minor), CURRENCY);
}
