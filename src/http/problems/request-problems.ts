import { entry } from './problem-entry.ts';

/** Faults of any request: how it is framed, written and shaped; limits; what is wrong on our side. */
export const requestProblems = {
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
  origin_foreign: entry(
    403,
    ['Sent from another site’s page', '请求来自其他网站的页面'],
    ['Only pages of this gateway may send this.', '仅接受本网关页面发出的请求。'],
  ),
  idempotency_conflict: entry(
    422,
    ['The reference was used for something else', '该流水号已用于其他内容'],
    [
      'Use a new partner_ref for a new application, the same content for a retry.',
      '新申请使用新的流水号；重试须内容一致。',
    ],
  ),
  limit_reached: entry(
    409,
    ['There are as many of these as there may be', '数量已达上限'],
    ['detail says of what and how many; no retry will pass.', 'detail 说明对象与上限；重试不会成功。'],
  ),
  nothing_to_lift: entry(
    409,
    ['The finding is over, and nothing of it is to be restored', '该发现已结束，且没有需要恢复的内容'],
    [
      'Send `"restore": true` to make the clicks billable that its hold kept back.',
      '如需恢复其暂停期间的点击计费，传 `"restore": true`。',
    ],
  ),
  link_held: entry(
    409,
    ['An operator holds this link already', '该链接已被运营人员暂停计费'],
    ['Lift that finding first.', '请先解除该项暂停。'],
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
  dependency_unavailable: entry(
    503,
    ['We cannot record this right now', '暂时无法可靠记录请求'],
    [
      'Retry after Retry-After with the same reference; the outcome is unknown until then.',
      '按 Retry-After 用同一流水号重试；此前结果未知。',
    ],
  ),
};
