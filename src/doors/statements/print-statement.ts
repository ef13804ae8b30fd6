import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { DateTime } from 'luxon';
import type { Language } from '../../http/accept-language.ts';
import type { LegalEntity } from '../../registry/schema/operator.ts';
import type { TrafficPartner } from '../../registry/schema/traffic-partner.ts';
import { toDecimal } from '../../revenue/decimal-money.ts';
import type { StatementStanding } from '../../revenue/settlement/read-standing.ts';
import type { RuleSum } from '../../revenue/summarise-lines.ts';
import { printCss } from './print-css.ts';
import { type PrintText, print, printKind, printStatus } from './print-texts.ts';

export interface PrintedStatement {
  readonly standing: StatementStanding;
  readonly sums: readonly RuleSum[];
  /** The legal entity that pays; undefined when it is no longer in the file. */
  readonly payer: (Pick<LegalEntity, 'legal_name'> & Partial<LegalEntity>) | undefined;
  readonly payee: Pick<TrafficPartner, 'id' | 'name' | 'payee'>;
  readonly language: Language;
  /** Where our public keys are. */
  readonly jwksUrl: string;
  /** Real time. */
  readonly printedAtMs: number;
}

const STYLE_HASH = createHash('sha256').update(printCss).digest('base64');
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  vary: 'Accept-Language',
};

/** A statement as it is printed and filed: who owes whom, the account, held money, the lines by rule, the proof, two signatures. */
export async function printStatement(view: PrintedStatement): Promise<Response> {
  const { standing, language } = view;
  const { statement, status } = standing;
  const say = (text: PrintText, values?: Readonly<Record<string, string>>): string => print(text, language, values);
  const page = await html`<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${say('title')} ${statement.period.id} ${statement.id}</title>
<style>${raw(printCss)}</style>
</head>
<body>
<header><h1>${say('title')}</h1>${status === 'draft' ? html`<span class="draft">${say('draft')}</span>` : html`<span>${statement.period.id} · ${statement.contract}</span>`}</header>
<div class="parties">
${payerBox(view)}
${payeeBox(view)}
</div>
<h2>${say('facts_heading')}</h2>
${facts(view)}
<h2>${say('account_heading')}</h2>
${accountTable(view)}
<h2>${say('pending_heading')}</h2>
${pendingTable(view)}
<h2>${say('lines_heading')}</h2>
${linesTable(view)}
<h2>${say('proof_heading')}</h2>
<p>${say('proof', { jwks: view.jwksUrl })}</p>
<dl><dt>${say('linesCount')}</dt><dd>${statement.lines_count}</dd>
<dt>${say('linesSha256')}</dt><dd><code>${statement.lines_sha256}</code></dd>
<dt>${say('ledgerHead')}</dt><dd><code>${statement.ledger_head}</code></dd></dl>
<div class="sign"><div>${say('forPayer')}<br><br>${say('date')}</div><div>${say('forPayee')}<br><br>${say('date')}</div></div>
<footer>${say('printed', { at: instant(new Date(view.printedAtMs).toISOString(), view) })}</footer>
</body>
</html>
`;
  return new Response(String(page), { headers: { ...HEADERS, 'content-language': language } });
}

function payerBox({ payer, standing, language }: PrintedStatement) {
  const name = payer?.legal_name ?? standing.statement.payer;
  return html`<section><h2>${print('payer', language)}</h2><strong>${name}</strong>
<dl>${row('taxpayer', payer?.taxpayer, language)}${row('address', payer?.address, language)}</dl></section>`;
}

function payeeBox({ payee, language }: PrintedStatement) {
  const last4 = payee.payee?.account_last4;
  return html`<section><h2>${print('payee', language)}</h2><strong>${payee.payee?.legal_name ?? payee.name}</strong>
<dl>${row('account', last4, language)}</dl></section>`;
}

function row(name: PrintText, value: string | undefined, language: Language) {
  return value === undefined ? '' : html`<dt>${print(name, language)}</dt><dd>${value}</dd>`;
}

function facts(view: PrintedStatement) {
  const { standing, language } = view;
  const { statement, status, settlement } = standing;
  const { period } = statement;
  const zone = period.timezone;
  const lastDay = DateTime.fromISO(period.to, { zone }).minus({ milliseconds: 1 }).toFormat('yyyy-MM-dd');
  const acceptBy = statement.accept_by === null ? undefined : instant(statement.accept_by, view);
  const invoices = settlement.invoices.filter((invoice) => invoice.status === 'verified').map(({ number }) => number);
  return html`<dl>
<dt>${print('number', language)}</dt><dd><code>${statement.id}</code></dd>
${row('contract', statement.contract, language)}
${row('period', `${period.id} – ${lastDay}`, language)}
${row('timezone', zone, language)}
${row('revision', String(statement.revision), language)}
${row('status', printStatus(status, language), language)}
${row('currency', statement.currency, language)}
${settlement.acceptance === null ? row('acceptBy', acceptBy, language) : row('acceptance', acceptanceText(view), language)}
${row('dueOn', statement.due_on ?? undefined, language)}
${invoices.length === 0 ? '' : row('invoices', invoices.join(', '), language)}
</dl>`;
}

function acceptanceText(view: PrintedStatement): string {
  const { acceptance } = view.standing.settlement;
  if (acceptance === null) return '';
  const text = { click: 'byClick', signature: 'bySignature', silence: 'bySilence' } as const;
  return print(text[acceptance.how], view.language, { name: acceptance.name ?? '', at: instant(acceptance.at, view) });
}

/** In the zone of the statement, which is named beside it. */
function instant(at: string, { standing, language }: PrintedStatement): string {
  const time = DateTime.fromISO(at, { zone: standing.statement.period.timezone });
  return time.toFormat(language === 'zh' ? 'yyyy年M月d日 HH:mm' : 'd LLL yyyy HH:mm');
}

function accountTable({ standing, language }: PrintedStatement) {
  const { statement, share } = standing;
  const line = (name: PrintText, amount: number, sign = '') =>
    html`<tr><th scope="row">${print(name, language)}</th><td class="money">${sign}${shown(BigInt(amount), statement.currency)}</td></tr>`;
  return html`<table><tbody>
${line('opening', statement.opening)}
${line('accruals', statement.accruals)}
${line('adjustments', statement.adjustments)}
${line('tax', statement.tax)}
${line('withheld', -statement.withheld)}
${line('payments', -statement.payments)}
<tr class="sum"><th scope="row">${print('closing', language)}</th><td class="money">${shown(BigInt(statement.closing), statement.currency)} ${statement.currency}</td></tr>
${statement.tax_included === 0 ? '' : line('taxIncluded', statement.tax_included)}
${share === undefined ? '' : html`${line('due', Number(share.due))}${line('paid', Number(share.paid))}`}
</tbody></table>`;
}

function pendingTable({ standing, language }: PrintedStatement) {
  const { pending, currency } = standing.statement;
  const cells = [
    ['opening', pending.opening],
    ['added', pending.added],
    ['released', -pending.released],
    ['voided', -pending.voided],
    ['closing', pending.closing],
  ] as const;
  return html`<div class="scroll"><table><thead><tr>${cells.map(([name]) => html`<th scope="col" class="money">${print(name, language)}</th>`)}</tr></thead>
<tbody><tr>${cells.map(([, amount]) => html`<td class="money">${shown(BigInt(amount), currency)}</td>`)}</tr></tbody></table></div>`;
}

function linesTable({ standing, sums, language }: PrintedStatement) {
  const { currency } = standing.statement;
  const total = sums.reduce((sum, { amount }) => sum + amount, 0n);
  const count = sums.reduce((sum, one) => sum + one.count, 0);
  const head = (name: PrintText, isMoney = false) =>
    html`<th scope="col"${isMoney ? html` class="money"` : ''}>${print(name, language)}</th>`;
  return html`<div class="scroll"><table>
<thead><tr>${head('kind')}${head('rule')}${head('event')}${head('count', true)}${head('base', true)}${head('amount', true)}</tr></thead>
<tbody>${sums.map(
    (sum) => html`<tr><td>${printKind(sum.kind, language)}</td><td>${sum.rule ?? '–'}</td><td>${sum.on ?? '–'}</td>
<td class="money">${sum.count}</td><td class="money">${sum.base === 0n ? '–' : shown(sum.base, currency)}</td><td class="money">${shown(sum.amount, currency)}</td></tr>`,
  )}</tbody>
<tfoot><tr><th scope="row" colspan="3">${print('total', language)}</th><td class="money">${count}</td><td></td><td class="money">${shown(total, currency)} ${currency}</td></tr></tfoot>
</table></div>`;
}

/** Major units in groups of three, with a true minus. */
function shown(minor: bigint, currency: string): string {
  const [whole = '', decimals] = toDecimal(minor < 0n ? -minor : minor, currency).split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+(?!\d))/g, ',');
  return `${minor < 0n ? '−' : ''}${grouped}${decimals === undefined ? '' : `.${decimals}`}`;
}
