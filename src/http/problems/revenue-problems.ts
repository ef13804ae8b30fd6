import { entry } from './problem-entry.ts';

/** Periods, statements, contracts. */
export const revenueProblems = {
  statement_not_open: entry(
    409,
    ['The statement does not take this now', '结算单当前状态不接受此操作'],
    ['Look at status: drafts are disputed, issued ones accepted.', '查看 status：草稿可异议，已出具可确认。'],
  ),
  period_blocked: entry(
    409,
    ['The period cannot be closed yet', '账期暂不能关闭'],
    [
      'Resolve what blockers lists, or waive each by name with a reason.',
      '处理 blockers 中的事项，或逐项说明理由豁免。',
    ],
  ),
  period_out_of_order: entry(
    409,
    ['Periods close one after the other', '账期须依次关闭'],
    ['Close the earlier period first.', '先关闭更早的账期。'],
  ),
  period_locked: entry(
    409,
    ['The period is locked', '账期已锁定'],
    ['Book an adjustment; it goes to the next open period.', '使用调整单，计入下一个开放账期。'],
  ),
  unknown_contract: entry(
    422,
    ['There is no such contract', '合同不存在'],
    ['Name one of the contracts of the partner’s terms.', '使用合作方分润合同中的 contract。'],
  ),
};
