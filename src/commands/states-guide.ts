import {
  APPLICATION_TRANSITIONS,
  TERMINAL_APPLICATION_STATUSES,
} from '../applications/lifecycle/application-transitions.ts';
import { LOAN_TRANSITIONS, TERMINAL_LOAN_STATUSES } from '../applications/lifecycle/loan-transitions.ts';
import type { TransitionTable } from '../applications/lifecycle/transitions.ts';
import { drawStates } from './draw-states.ts';

const TEXT = {
  en: {
    title: '# Statuses',
    intro: `Drawn from the tables that judge every event, so they cannot disagree with what the gateway does. A double border ends it.
The drawings leave out the ways that skip a step: a lender may go forward by more than one, as the tables say. An event that is
possible only later is held for 72 hours; one that happened before what is known already is worked into the history at its
\`occurred_at\`; any other is refused as \`illegal_transition\`, with the events that would be legal. \`action.required\` leads to \`needs_input\`
where papers are asked for (type \`supplement\`); a code, a page or a signature is asked for in passing, and \`next_action\` says so.`,
    application: ['## Applications', 'Statuses of an application'],
    loan: ['## Loans', 'Statuses of a loan'],
    head: '| from | event | to |',
    notes: `\`installment.paid\` and \`installment.reversed\` of a loan that is written off count as recoveries and leave its status.
A loan that was paid out is cancelled for \`cooling_off\` or \`payout_returned\` only. A reversal after settlement opens the loan again.

What a partner cancels is cancelled at once, and the lender is told. What the lender says until its own \`application.cancelled\` is
history: the status stays, the credit is closed. Only money decides otherwise: a \`loan.disbursed\` of that time leads back to
\`credit_granted\`, since the applicant has a loan.`,
  },
  zh: {
    title: '# 状态',
    intro: `下图由判定每个事件的状态表生成，与网关的实际行为一致。双线框为终态。图中省略了跳步：机构可以一次前进多步，详见表格。
尚未到时候的事件会保留 72 小时等待前序事件；早于已知事件发生的，按其 \`occurred_at\` 计入历史；其余以 \`illegal_transition\` 拒绝，并列出合法事件。
\`action.required\` 只在索要材料（\`supplement\`）时进入 \`needs_input\`；验证码、跳转、签约不改变状态，见 \`next_action\`。`,
    application: ['## 授信申请', '授信申请的状态'],
    loan: ['## 借款', '借款的状态'],
    head: '| 原状态 | 事件 | 新状态 |',
    notes: `已核销借款的 \`installment.paid\` 与 \`installment.reversed\` 计为回收，状态不变。已放款的借款只能因 \`cooling_off\`（冷静期退回）或
\`payout_returned\`（放款退回）取消。结清后的冲正会重新打开借款。

渠道取消申请立即生效并通知机构。机构在发出 \`application.cancelled\` 之前的事件计入历史：状态不变，额度关闭。唯一的例外是资金已放出：
此间的 \`loan.disbursed\` 使申请回到 \`credit_granted\`，因为申请人已有借款。`,
  },
} as const;

/** The page of the guide about statuses in both languages, and its two drawings, by their names under `openapi/guide`. */
export function statesGuide(): ReadonlyMap<string, string> {
  return new Map([
    ['states.md', page('en')],
    ['states.zh.md', page('zh')],
    [
      'application-states.svg',
      drawStates({
        title: 'application',
        table: APPLICATION_TRANSITIONS,
        // The claim steps: milliseconds before anybody is answered.
        hidden: ['screening'],
        terminal: TERMINAL_APPLICATION_STATUSES,
      }),
    ],
    [
      'loan-states.svg',
      drawStates({ title: 'loan', table: LOAN_TRANSITIONS, hidden: [], terminal: TERMINAL_LOAN_STATUSES }),
    ],
  ]);
}

function page(language: keyof typeof TEXT): string {
  const text = TEXT[language];
  const section = ([heading, alt]: readonly [string, string], file: string, rows: readonly string[]): string =>
    [heading, '', `![${alt}](${file})`, '', text.head, '| --- | --- | --- |', ...rows].join('\n');
  return `${[
    text.title,
    text.intro,
    section(text.application, 'application-states.svg', rowsOf(APPLICATION_TRANSITIONS, ['screening'])),
    section(text.loan, 'loan-states.svg', rowsOf(LOAN_TRANSITIONS, [])),
    text.notes,
  ].join('\n\n')}\n`;
}

function rowsOf<Status extends string>(table: TransitionTable<Status>, hidden: readonly Status[]): string[] {
  const statuses = (Object.keys(table) as Status[]).filter((status) => !hidden.includes(status));
  return statuses.flatMap((from) =>
    Object.entries(table[from]).map(([type, to]) => `| \`${from}\` | \`${type}\` | \`${String(to)}\` |`),
  );
}
