import { entry } from './problem-entry.ts';

/** Applicants: what they bring, what they have to do, the links and lists around them. */
export const applicantProblems = {
  illegal_transition: entry(
    409,
    ['The status does not allow this', '当前状态不允许此操作'],
    ['Read the current state; legal names what is possible.', '先查询当前状态；legal 列出允许的操作。'],
  ),
  action_expired: entry(
    409,
    ['The action is no longer open', '操作已失效'],
    ['Read next_action again and answer the one given there.', '重新获取 next_action 并按其执行。'],
  ),
  action_completed: entry(
    409,
    ['The action was answered already', '该操作已完成'],
    [
      'Read next_action again: what was answered, or is not needed any more, takes no other answer.',
      '重新获取 next_action：已完成或不再需要的操作不接受其他答复。',
    ],
  ),
  otp_wrong: entry(
    422,
    ['The one-time code is wrong', '验证码错误'],
    ['Ask the applicant again, or have it resent.', '请申请人重新输入，或重新发送。'],
  ),
  action_refused: entry(
    422,
    ['The lender does not take the answer', '机构未接受该答复'],
    ['detail says why; the action stays open for another answer.', 'detail 说明原因；可重新提交。'],
  ),
  card_in_use: entry(
    409,
    ['A loan needs the card', '该银行卡有未结清借款'],
    ['Remove it when the loan is over.', '借款结清后再解绑。'],
  ),
  card_refused: entry(
    422,
    ['The card was refused', '银行卡未通过'],
    [
      'detail says why: check number, bank and reserved phone, or bind another card.',
      'detail 说明原因：请核对卡号、银行与预留手机号，或更换银行卡。',
    ],
  ),
  cancellation_refused: entry(
    409,
    ['The lender does not cancel it', '机构未同意取消'],
    ['detail says why; the loan goes on. It may be asked again.', 'detail 说明原因；借款继续有效，可再次申请。'],
  ),
  consent_missing: entry(
    422,
    ['A consent is missing or stale', '缺少授权或授权版本过旧'],
    [
      'Obtain the consents in errors; the product names document and version.',
      '取得 errors 列出的授权；产品信息给出文件与版本。',
    ],
  ),
  field_missing: entry(
    422,
    ['A field that the product requires is missing', '缺少产品要求的字段'],
    ['Send the fields in errors; the product lists its requirements.', '补充 errors 列出的字段；产品信息给出要求。'],
  ),
  form_not_indexed: entry(
    422,
    ['Nobody is found by this form of identity', '该形式的身份标识无法检索'],
    [
      'Send the identifiers in errors in plain or as a hash that is indexed (detail lists them); masked ones only together with a name.',
      '请改用明文或 detail 列出的摘要形式；脱敏标识须与姓名一起提供。',
    ],
  ),
  unknown_product: entry(
    422,
    ['There is no such product for you', '产品不存在或未对您开放'],
    ['Use a product_id from GET /v1/products.', '使用 GET /v1/products 返回的 product_id。'],
  ),
  product_paused: entry(
    409,
    ['The product is paused', '产品已暂停'],
    ['Try again when the product is open.', '产品恢复后再试。'],
  ),
  document_unknown: entry(
    422,
    ['There is no such document of yours', '文件不存在、已过期或类型不符'],
    [
      'Send it to POST /v1/documents (again) and refer to the id that is answered, with the same kind.',
      '通过 POST /v1/documents（重新）上传，并以相同的 kind 引用返回的编号。',
    ],
  ),
  document_damaged: entry(
    410,
    ['The document cannot be read any more', '文件已损坏，无法读取'],
    [
      'Ask the applicant for it again: action.required of type supplement.',
      '请通过 supplement 类型的 action.required 向申请人重新索取。',
    ],
  ),
  handoff_spent: entry(
    410,
    ['The hand-off was used or has expired', '跳转链接已使用或已过期'],
    ['Make a new hand-off.', '重新生成跳转链接。'],
  ),
  link_code_taken: entry(
    409,
    ['The link code is taken', '链接代码已被占用'],
    ['Choose another code, or leave it out.', '更换代码，或不填由系统生成。'],
  ),
  too_many_links: entry(
    409,
    ['There are as many links as one partner may have', '链接数量已达上限'],
    [
      'Use the links that there are, with sub1 … sub10 to tell people apart.',
      '使用已有链接，并以 sub1 … sub10 区分来源。',
    ],
  ),
  appeal_answered: entry(
    409,
    ['The appeal was answered already', '申诉已有答复'],
    ['Read the appeal; a new one can be opened.', '查看申诉结果；如有需要可重新提交。'],
  ),
  revision_conflict: entry(
    409,
    ['The statement has another revision', '结算单版本已变化'],
    ['Read the statement again and send its revision.', '重新获取结算单并使用其 revision。'],
  ),
  file_unreadable: entry(
    422,
    ['The file cannot be read', '文件无法读取'],
    ['Check encoding, delimiter and the named columns.', '检查编码、分隔符和列名。'],
  ),
};
