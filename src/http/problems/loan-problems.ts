import { entry } from './problem-entry.ts';

/** Credits, loans and the lenders behind them. */
export const loanProblems = {
  credit_not_active: entry(
    409,
    ['There is no credit that can be drawn', '没有可用的授信额度'],
    [
      'Read the application: its credit may be frozen, closed, expired or not granted yet; detail says which.',
      '查询授信申请：额度可能已冻结、关闭、到期或尚未批准，detail 给出原因。',
    ],
  ),
  loan_open: entry(
    409,
    ['Another loan is not over', '尚有未结清的借款'],
    [
      'This product lends one loan at a time: detail names the one that is open.',
      '该产品同一时间只能有一笔借款；detail 给出未结清的借款。',
    ],
  ),
  drawdown_declined: entry(
    409,
    ['A drawdown was declined a short while ago', '用信刚被拒绝'],
    ['Ask again from retry_at on.', '请在 retry_at 之后再次申请。'],
  ),
  over_available: entry(
    422,
    ['The amount is over what is available', '金额超过可用额度'],
    ['Ask for credit.available at most.', '金额不超过 credit.available。'],
  ),
  apr_above_cap: entry(
    422,
    ['The loan would cost more than its cap', '综合年化成本超过上限'],
    ['Ask for another amount or term; this one is not on offer.', '更换金额或期限；该组合不可用。'],
  ),
  quote_expired: entry(
    409,
    ['The quote is no longer valid', '试算已失效'],
    ['Ask for a new quote and show it to the applicant.', '重新试算并向申请人展示。'],
  ),
  quote_mismatch: entry(
    422,
    ['The quote is for another loan', '试算与本次借款不一致'],
    [
      'Send amount and term as they were quoted, or ask for a quote of what is wanted.',
      '按试算的金额与期限提交，或重新试算。',
    ],
  ),
  quote_refused: entry(
    422,
    ['The lender makes no such loan', '机构不提供该借款'],
    ['Change what errors names; its code is the lender’s own.', '按 errors 调整；其中 code 为机构自定义。'],
  ),
  lender_quote_invalid: entry(
    502,
    ['The lender’s quote contradicts itself', '机构返回的试算有误'],
    ['Tell us request_id: the lender has to correct it.', '请提供 request_id，由机构修正。'],
  ),
  lender_unavailable: entry(
    503,
    ['The lender cannot be asked now', '机构暂时无法响应'],
    ['Ask again after Retry-After.', '按 Retry-After 稍后重试。'],
  ),
  nothing_due: entry(
    409,
    ['There is nothing to repay', '没有应还款项'],
    ['Read the schedule: the instalments are paid, or nothing is owed.', '查询还款计划：该期已结清或没有欠款。'],
  ),
  loan_not_running: entry(
    409,
    ['The loan takes no repayment now', '借款当前状态不能还款'],
    ['Read the loan: it is repaid while it is active or overdue.', '查询借款：仅在 active 或 overdue 时可以还款。'],
  ),
  repayment_pending: entry(
    409,
    ['A repayment of the same instalments is under way', '同一期的还款正在处理中'],
    [
      'Wait for repayment.succeeded or repayment.failed of the one in detail.',
      '等待 detail 中的还款产生 repayment.succeeded 或 repayment.failed 事件。',
    ],
  ),
  deliveries_are_pushed: entry(
    409,
    ['Your deliveries are posted to your core', '消息由我方推送到贵方系统'],
    [
      'They can be fetched once your profile says core: { pull: true }; ask the operator.',
      '需将配置改为 core: { pull: true } 后才能主动拉取，请联系运营方。',
    ],
  ),
  delivery_out_of_order: entry(
    409,
    ['An earlier delivery of the application is unanswered', '该申请有更早的消息尚未应答'],
    ['Answer the one that detail names first.', '请先应答 detail 中给出的消息。'],
  ),
  core_not_called: entry(
    409,
    ['The lender has no core that is called', '该助贷机构没有可调用的核心系统'],
    [
      'Give it core: { url } in its file; what it fetches by itself cannot be probed.',
      '在其文件中配置 core: { url }；自行拉取的机构无法探测。',
    ],
  ),
};
