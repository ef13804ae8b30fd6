import { entry } from './problem-entry.ts';

/** Signatures, keys, operators: who asks, and whether they may. */
export const trustProblems = {
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
  key_weak: entry(
    422,
    ['The key is too weak', '密钥强度不足'],
    [
      'Use Ed25519, P-256, RSA of 2048 bits or more, or a secret of 32 bytes or more.',
      '使用 Ed25519、P-256、2048 位以上 RSA，或 32 字节以上的密钥。',
    ],
  ),
  rotation_open: entry(
    409,
    ['An earlier rotation is not over', '上一次密钥轮换尚未结束'],
    [
      'Wait until the old key has ended, or revoke it; of our own signing key, until the new one signs.',
      '等待旧密钥失效或吊销旧密钥；我方签名密钥则等待新密钥启用。',
    ],
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
};
