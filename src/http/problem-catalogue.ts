/** What every answer with one code has in common; the rest (`detail`, `errors`) says what happened this time. */
export interface ProblemEntry {
  readonly status: 400 | 401 | 403 | 404 | 405 | 408 | 409 | 410 | 413 | 415 | 417 | 422 | 429 | 431 | 500 | 502 | 503;
  readonly title: { readonly en: string; readonly zh: string };
  /** What the reader does about it. */
  readonly fix: { readonly en: string; readonly zh: string };
}

type Status = ProblemEntry['status'];

function entry<const S extends Status>(status: S, title: [en: string, zh: string], fix: [en: string, zh: string]) {
  return { status, title: { en: title[0], zh: title[1] }, fix: { en: fix[0], zh: fix[1] } } as const;
}

/**
 * Every problem that an HTTP answer can carry, by its stable code; `/docs/problems` and the OpenAPI are made from it. A new
 * problem is one more line. Business outcomes (a refused application) are answers and have no place here.
 */
export const problems = {
  request_malformed: entry(
    400,
    ['The HTTP request is ambiguous', 'HTTP 请求存在歧义'],
    [
      'Send one Host header, a normalised path and unambiguous framing.',
      '只发送一个 Host 头，使用规范化的路径和明确的报文长度。',
    ],
  ),
  json_invalid: entry(
    400,
    ['The body is not valid JSON', '请求体不是合法的 JSON'],
    [
      'Send RFC 7493 JSON in UTF-8; detail says where it breaks.',
      '以 UTF-8 发送符合 RFC 7493 的 JSON；detail 指出位置。',
    ],
  ),
  json_duplicate_key: entry(
    400,
    ['A JSON object has the same key twice', 'JSON 对象中有重复的键'],
    [
      'Send every key once: readers disagree on which of two counts.',
      '每个键只出现一次：不同系统对重复键的取值并不一致。',
    ],
  ),
  unauthorized: entry(
    401,
    ['A valid bearer token is needed', '需要有效的访问令牌'],
    ['Send Authorization: Bearer with an operator token that is still valid.', '在 Authorization 头中携带有效的令牌。'],
  ),
  signature_missing: entry(
    401,
    ['The request is not signed', '请求未签名'],
    ['Sign it as Accept-Signature says (RFC 9421).', '按 Accept-Signature 的要求签名（RFC 9421）。'],
  ),
  signature_malformed: entry(
    401,
    ['The signature cannot be read', '签名格式错误'],
    [
      'Check the syntax of Signature-Input and Signature, and that expires is at most 300 s after created.',
      '检查 Signature-Input 与 Signature 的语法；expires 与 created 相差不超过 300 秒。',
    ],
  ),
  signature_incomplete: entry(
    401,
    ['The signature does not cover enough', '签名覆盖的内容不完整'],
    [
      'Cover every component and give every parameter that Accept-Signature lists.',
      '签名须覆盖 Accept-Signature 列出的全部组件和参数。',
    ],
  ),
  signature_expired: entry(
    401,
    ['The signature has expired', '签名已过期'],
    [
      'Sign each attempt anew and keep your clock in step (30 s tolerance).',
      '每次发送重新签名，并校准时钟（容差 30 秒）。',
    ],
  ),
  signature_from_future: entry(
    401,
    ['The signature was made in the future', '签名时间在未来'],
    ['Set your clock by NTP: created is more than 30 s ahead of ours.', '用 NTP 校准时钟：created 超前超过 30 秒。'],
  ),
  signature_invalid: entry(
    401,
    ['The signature does not verify', '签名校验失败'],
    [
      'Build the signature base from the bytes that are sent (RFC 9421 §2.5): path, query and Host as on the wire; check the key.',
      '按实际发送的字节构造签名串（RFC 9421 §2.5）：路径、查询与 Host 须与报文一致；并核对密钥。',
    ],
  ),
  digest_mismatch: entry(
    401,
    ['Content-Digest is not that of the body', 'Content-Digest 与请求体不符'],
    ['Hash the bytes that are sent, after serialising (RFC 9530).', '对实际发送的字节计算摘要（RFC 9530）。'],
  ),
  signature_replayed: entry(
    401,
    ['The nonce was used before', 'nonce 已被使用'],
    ['Use a fresh nonce for each attempt, retries included.', '每次发送（包括重试）都使用新的 nonce。'],
  ),
  key_unknown: entry(
    401,
    ['The key is not known', '密钥未知'],
    [
      'Check keyid: the key may be unknown here, revoked, or not yet or no longer valid.',
      '检查 keyid：密钥可能不存在、已吊销、未生效或已失效。',
    ],
  ),
  forbidden: entry(
    403,
    ['This is not allowed', '没有权限'],
    ['Ask for the role, or call from an address that was agreed.', '申请相应角色，或从约定的地址调用。'],
  ),
  four_eyes_required: entry(
    403,
    ['Somebody else must do this', '须由另一人操作'],
    ['Let another operator than the one who reviewed do it.', '由复核人以外的运营人员执行。'],
  ),
  not_found: entry(
    404,
    ['There is no such thing here', '资源不存在'],
    [
      'Check the path and the id; what belongs to others is not found either.',
      '检查路径和编号；他人的资源同样返回此错误。',
    ],
  ),
  method_not_allowed: entry(
    405,
    ['The path has no such method', '该路径不支持此方法'],
    ['Use one of the methods in Allow.', '使用 Allow 头列出的方法。'],
  ),
  request_timeout: entry(
    408,
    ['The request did not arrive in time', '请求未在规定时间内到达'],
    [
      'Send the head within 10 s and the body within 30 s; then send the request again.',
      '请在 10 秒内发完请求头、30 秒内发完请求体，然后重试。',
    ],
  ),
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
  credit_not_active: entry(
    409,
    ['There is no credit that can be drawn', '没有可用的授信额度'],
    [
      'Read the application: its credit may be frozen, closed, expired or not granted yet; detail says which.',
      '查询授信申请：额度可能已冻结、关闭、到期或尚未批准，detail 给出原因。',
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
  limit_reached: entry(
    409,
    ['There are as many of these as there may be', '数量已达上限'],
    ['detail says of what and how many; no retry will pass.', 'detail 说明对象与上限；重试不会成功。'],
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
  action_completed: entry(
    409,
    ['The action was answered already', '该操作已完成'],
    [
      'Read next_action again: what was answered, or is not needed any more, takes no other answer.',
      '重新获取 next_action：已完成或不再需要的操作不接受其他答复。',
    ],
  ),
  card_in_use: entry(
    409,
    ['A loan needs the card', '该银行卡有未结清借款'],
    ['Remove it when the loan is over.', '借款结清后再解绑。'],
  ),
  cancellation_refused: entry(
    409,
    ['The lender does not cancel it', '机构未同意取消'],
    ['detail says why; the loan goes on. It may be asked again.', 'detail 说明原因；借款继续有效，可再次申请。'],
  ),
  quote_expired: entry(
    409,
    ['The quote is no longer valid', '试算已失效'],
    ['Ask for a new quote and show it to the applicant.', '重新试算并向申请人展示。'],
  ),
  product_paused: entry(
    409,
    ['The product is paused', '产品已暂停'],
    ['Try again when the product is open.', '产品恢复后再试。'],
  ),
  core_not_called: entry(
    409,
    ['The lender has no core that is called', '该助贷机构没有可调用的核心系统'],
    [
      'Give it core: { url } in its file; what it fetches by itself cannot be probed.',
      '在其文件中配置 core: { url }；自行拉取的机构无法探测。',
    ],
  ),
  link_code_taken: entry(
    409,
    ['The link code is taken', '链接代码已被占用'],
    ['Choose another code, or leave it out.', '更换代码，或不填由系统生成。'],
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
  statement_not_open: entry(
    409,
    ['The statement does not take this now', '结算单当前状态不接受此操作'],
    ['Look at status: drafts are disputed, issued ones accepted.', '查看 status：草稿可异议，已出具可确认。'],
  ),
  key_id_taken: entry(
    409,
    ['The key id is taken', '密钥编号已被占用'],
    [
      'Choose another id, or leave it out; ids are never given twice.',
      '更换编号，或不填由系统生成；编号不会重复使用。',
    ],
  ),
  key_ended: entry(
    409,
    ['The key is no longer valid', '密钥已失效'],
    ['Add or issue a new key instead of rotating this one.', '请新增或签发新密钥，而不是轮换此密钥。'],
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
  operator_exists: entry(
    409,
    ['The name was given to an operator before', '该名称已被使用'],
    [
      'Choose another name: one is never given twice, so that the audit log stays clear.',
      '更换名称：为保证审计清晰，名称不会重复使用。',
    ],
  ),
  operator_revoked: entry(
    409,
    ['The operator is revoked', '该运营人员已停用'],
    ['Add an operator under a new name; a revoked one stays revoked.', '以新名称添加；停用后不可恢复。'],
  ),
  last_admin: entry(
    409,
    ['This is the last admin', '这是最后一位管理员'],
    ['Add another admin first, or use the bootstrap token.', '先添加另一位管理员，或使用引导令牌。'],
  ),
  period_locked: entry(
    409,
    ['The period is locked', '账期已锁定'],
    ['Book an adjustment; it goes to the next open period.', '使用调整单，计入下一个开放账期。'],
  ),
  rotation_open: entry(
    409,
    ['An earlier rotation is not over', '上一次密钥轮换尚未结束'],
    [
      'Wait until the old key has ended, or revoke it; of our own signing key, until the new one signs.',
      '等待旧密钥失效或吊销旧密钥；我方签名密钥则等待新密钥启用。',
    ],
  ),
  handoff_spent: entry(
    410,
    ['The hand-off was used or has expired', '跳转链接已使用或已过期'],
    ['Make a new hand-off.', '重新生成跳转链接。'],
  ),
  document_damaged: entry(
    410,
    ['The document cannot be read any more', '文件已损坏，无法读取'],
    [
      'Ask the applicant for it again: action.required of type supplement.',
      '请通过 supplement 类型的 action.required 向申请人重新索取。',
    ],
  ),
  body_too_large: entry(
    413,
    ['The body is too large', '请求体过大'],
    ['Send less: 256 KiB, 10 MiB for documents.', '缩小请求体：一般 256 KiB，材料 10 MiB。'],
  ),
  unsupported_media_type: entry(
    415,
    ['The media type is not accepted here', '不支持的媒体类型'],
    [
      'Send Content-Type: application/json, uncompressed, unless the operation names another.',
      '使用 Content-Type: application/json，且不压缩。',
    ],
  ),
  expectation_failed: entry(
    417,
    ['The expectation cannot be met', '无法满足 Expect 头的要求'],
    ['Leave the Expect header out, or send 100-continue.', '不发送 Expect 头，或仅使用 100-continue。'],
  ),
  validation_failed: entry(
    422,
    ['The request does not fit the schema', '请求不符合接口定义'],
    ['Correct what errors lists; pointer says where (RFC 6901).', '按 errors 修正；pointer 指出位置（RFC 6901）。'],
  ),
  idempotency_conflict: entry(
    422,
    ['The reference was used for something else', '该流水号已用于其他内容'],
    [
      'Use a new partner_ref for a new application, the same content for a retry.',
      '新申请使用新的流水号；重试须内容一致。',
    ],
  ),
  key_weak: entry(
    422,
    ['The key is too weak', '密钥强度不足'],
    [
      'Use Ed25519, P-256, RSA of 2048 bits or more, or a secret of 32 bytes or more.',
      '使用 Ed25519、P-256、2048 位以上 RSA，或 32 字节以上的密钥。',
    ],
  ),
  consent_missing: entry(
    422,
    ['A consent is missing or stale', '缺少授权或授权版本过旧'],
    [
      'Obtain the consents in errors; the product names document and version.',
      '取得 errors 列出的授权；产品信息给出文件与版本。',
    ],
  ),
  form_not_indexed: entry(
    422,
    ['Nobody is found by this form of identity', '该形式的身份标识无法检索'],
    [
      'Send the identifiers in errors in plain or as a hash that is indexed (detail lists them); masked ones only together with a name.',
      '请改用明文或 detail 列出的摘要形式；脱敏标识须与姓名一起提供。',
    ],
  ),
  field_missing: entry(
    422,
    ['A field that the product requires is missing', '缺少产品要求的字段'],
    ['Send the fields in errors; the product lists its requirements.', '补充 errors 列出的字段；产品信息给出要求。'],
  ),
  unknown_product: entry(
    422,
    ['There is no such product for you', '产品不存在或未对您开放'],
    ['Use a product_id from GET /v1/products.', '使用 GET /v1/products 返回的 product_id。'],
  ),
  document_unknown: entry(
    422,
    ['There is no such document of yours', '文件不存在、已过期或类型不符'],
    [
      'Send it to POST /v1/documents (again) and refer to the id that is answered, with the same kind.',
      '通过 POST /v1/documents（重新）上传，并以相同的 kind 引用返回的编号。',
    ],
  ),
  unknown_contract: entry(
    422,
    ['There is no such contract', '合同不存在'],
    ['Name one of the contracts of the partner’s terms.', '使用合作方分润合同中的 contract。'],
  ),
  otp_wrong: entry(
    422,
    ['The one-time code is wrong', '验证码错误'],
    ['Ask the applicant again, or have it resent.', '请申请人重新输入，或重新发送。'],
  ),
  quote_mismatch: entry(
    422,
    ['The quote is for another loan', '试算与本次借款不一致'],
    [
      'Send amount and term as they were quoted, or ask for a quote of what is wanted.',
      '按试算的金额与期限提交，或重新试算。',
    ],
  ),
  apr_above_cap: entry(
    422,
    ['The loan would cost more than its cap', '综合年化成本超过上限'],
    ['Ask for another amount or term; this one is not on offer.', '更换金额或期限；该组合不可用。'],
  ),
  quote_refused: entry(
    422,
    ['The lender makes no such loan', '机构不提供该借款'],
    ['Change what errors names; its code is the lender’s own.', '按 errors 调整；其中 code 为机构自定义。'],
  ),
  action_refused: entry(
    422,
    ['The lender does not take the answer', '机构未接受该答复'],
    ['detail says why; the action stays open for another answer.', 'detail 说明原因；可重新提交。'],
  ),
  card_refused: entry(
    422,
    ['The card was refused', '银行卡未通过'],
    [
      'detail says why: check number, bank and reserved phone, or bind another card.',
      'detail 说明原因：请核对卡号、银行与预留手机号，或更换银行卡。',
    ],
  ),
  over_available: entry(
    422,
    ['The amount is over what is available', '金额超过可用额度'],
    ['Ask for credit.available at most.', '金额不超过 credit.available。'],
  ),
  file_unreadable: entry(
    422,
    ['The file cannot be read', '文件无法读取'],
    ['Check encoding, delimiter and the named columns.', '检查编码、分隔符和列名。'],
  ),
  rate_limited: entry(
    429,
    ['Too many requests', '请求过于频繁'],
    ['Wait for Retry-After; RateLimit-Policy states the limits.', '按 Retry-After 等待；限额见 RateLimit-Policy。'],
  ),
  head_too_large: entry(
    431,
    ['The request line and headers are too large', '请求行与请求头过大'],
    ['Send at most 16 KiB of request line and headers together.', '请求行与请求头合计不超过 16 KiB。'],
  ),
  internal_error: entry(
    500,
    ['Something went wrong on our side', '服务内部错误'],
    ['Retry with the same reference; tell us request_id if it stays.', '用同一流水号重试；持续出现请提供 request_id。'],
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
  dependency_unavailable: entry(
    503,
    ['We cannot record this right now', '暂时无法可靠记录请求'],
    [
      'Retry after Retry-After with the same reference; the outcome is unknown until then.',
      '按 Retry-After 用同一流水号重试；此前结果未知。',
    ],
  ),
} as const satisfies Readonly<Record<string, ProblemEntry>>;

export type ProblemCode = keyof typeof problems;
