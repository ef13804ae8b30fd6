import { entry } from './problem-entry.ts';

/** Periods, statements, contracts. */
export const revenueProblems = {
  statement_not_open: entry(
    409,
    ['The statement does not take this now', '结算单当前状态不接受此操作'],
    ['Look at status: drafts are disputed, issued ones accepted.', '查看 status：草稿可异议，已出具可确认。'],
  ),
  statement_revised: entry(
    409,
    ['The statement has another revision now', '结算单已有新修订版'],
    ['Read it again and answer the revision that it has.', '重新读取，并针对当前修订版操作。'],
  ),
  invoice_exists: entry(
    409,
    ['There is an invoice already', '发票已存在'],
    ['Use another number, or have the standing invoice rejected first.', '更换发票号码，或先由对方退回现有发票。'],
  ),
  payout_not_due: entry(
    409,
    ['The statement cannot be paid yet', '结算单暂不能付款'],
    [
      'It must be accepted, and invoiced where the contract asks for it; a suspended partner’s payouts are held.',
      '须先确认；合同要求开票的须先收到发票；合作方暂停期间不付款。',
    ],
  ),
  transfer_exists: entry(
    409,
    ['Something else was booked under this reference', '该凭证号已用于另一笔记账'],
    [
      'how says in what it differs from what was booked; correct a payment by one that goes back, under a reference of its own.',
      'how 说明与已入账内容的差异；更正须以新的凭证号另记一笔退回。',
    ],
  ),
  dispute_resolved: entry(
    409,
    ['The line was resolved otherwise', '该行已按其他结果处理'],
    ['Read the dispute again; correct by an adjustment.', '重新读取异议单；更正请使用调整单。'],
  ),
  file_unreadable: entry(
    422,
    ['No row of the file can be read', '文件中没有可读取的行'],
    [
      'detail says what was seen. Name the columns (ref, amount), the encoding, the delimiter or the decimal mark.',
      '查看 detail 中识别到的内容；指定列名（ref、amount）、编码、分隔符或小数点。',
    ],
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
