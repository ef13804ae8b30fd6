interface Tag {
  readonly name: string;
  readonly description: string;
}

interface DoorDescription {
  readonly title: string;
  readonly description: string;
  /** Key of `securitySchemes`; null = public. */
  readonly security: keyof typeof securitySchemes | null;
  /** In the order in which a reader needs them. */
  readonly tags: readonly Tag[];
}

const CONVENTIONS = `JSON in UTF-8, snake_case; times are RFC 3339 in UTC; money is \`{amount, currency}\` in integer minor units (分).
Fields called \`percent\` hold percents (\`"1.2"\` = 1.2 %); \`rate\`, \`annual\`, \`monthly\`, \`daily\`, \`apr\` hold fractions (\`"0.18"\` = 18 %).
Lists are pages of \`{data, next_cursor}\`. Errors are \`application/problem+json\` (RFC 9457): decide by \`code\`; \`/docs/problems\` explains each.
Every answer carries \`Sluice-Request-Id\`. Unknown fields in requests are refused in sandbox and ignored in live, named in \`Sluice-Warnings\`; ignore unknown fields in answers. A body has at most 256 KiB unless an operation says otherwise.`;

const LIMITS = `**Limits.** \`RateLimit-Policy\` on every answer names yours, \`RateLimit\` what is left (draft-ietf-httpapi-ratelimit-headers): \`requests\` with \`q\` at once and \`w\` seconds until they are there again, by all processes together; \`t\` = seconds until the burst is full, or, when nothing is left, until one request is let in.
Over a limit: \`429 rate_limited\` with \`violated_policies\` and \`Retry-After\`. Such a request is not counted and its nonce not used: it may be sent again as it is. Requests that fail to authenticate cost your limits nothing. From one address (IPv6: /64) 100 of those are looked at, then 5 a second; the rest is 429 \`address\`, except for keys that have signed well from there since.`;

const BUDGETS = `\`probes\` and \`applications\` are budgets of the calendar day in Asia/Shanghai. A precheck costs one probe, a batch one an item: all, or none and 429. An application that is accepted counts one; over it, it is refused with \`201\`, \`capped\`, \`retry_at\`. Products and lenders may have such daily caps too.`;

const SIGNED_ANSWERS = `**Signed answers** (RFC 9421 §2.4, §5). Ask with \`Accept-Signature: sig=();created;expires;nonce="…";tag="sluice"\`, or have \`sign_responses: always\` put into your profile.
An empty list asks for what we cover by default: \`("@status" "content-type" "content-digest" "@method";req "@authority";req "@path";req "@query";req "content-digest";req "signature";req;key="<label of your signature>")\`, each where there is one; name components to get just those. Problems are signed too.
To verify: take the key that \`keyid\` names from \`/.well-known/jwks.json\` (Ed25519), rebuild the signature base with your own request for \`;req\`, check it, your nonce, \`expires\` (30 s of skew) and \`Content-Digest\` over the bytes received. Require \`@status\`, \`content-type\`, \`content-digest\` and \`"signature";req\`: they make it the answer to this request and no other.
A wish that cannot be met is answered unsigned, with \`Sluice-Warnings: accept_signature_ignored <why>\`: \`malformed\`, \`component_unknown\`, \`component_absent\`, \`parameter_unsupported\`, \`alg_unsupported\` (we have ed25519), \`keyid_unknown\` (only the key in use signs), \`answer_too_large\` (over 8 MiB), \`request_malformed\`.
Our key rotates: the next one is in the key set for longer than a copy of it may be kept (10 minutes) before it signs, and old ones stay there. So read the set again when you meet a \`keyid\` that you do not have, and do not pin one.`;

/** OpenAPI has no scheme for HTTP Message Signatures; the header that carries the signature stands for it. */
export const securitySchemes = {
  signature: {
    type: 'apiKey',
    in: 'header',
    name: 'Signature',
    description: `HTTP Message Signatures (RFC 9421) with Content-Digest (RFC 9530).

\`\`\`
Content-Digest: sha-256=:…:
Signature-Input: sig=("@method" "@authority" "@path" "@query" "content-type" "content-digest");created=…;expires=…;nonce="…";keyid="acme-ed";tag="sluice"
Signature: sig=:…:
\`\`\`

Cover \`@query\` when the target has a \`?\`, the two content fields when there is a body; \`@target-uri\` may stand for authority, path and query.
\`expires − created\` ≤ 300 s, clock skew 30 s, a nonce is good once per key. Algorithms: ed25519, ecdsa-p256-sha256, rsa-pss-sha512, rsa-v1_5-sha256, hmac-sha256; the algorithm belongs to the key. A 401 says in \`Accept-Signature\` what to sign; in the sandbox \`…/diagnostics/signature\` says why. A worked example and sample signers are at \`/docs/guide/signing\`.`,
  },
  operator: {
    type: 'http',
    scheme: 'bearer',
    description: 'Token of an operator. Roles: admin, finance, risk, support; admin may do everything.',
  },
} as const;

/** What the documents say beyond what their routes say. A tag that a route uses is described here. */
export const doorDescriptions = {
  partner: {
    title: 'Sluice partner API',
    description: `For traffic partners (导流平台): ask whether an applicant may apply, submit applications, follow them to loans, get paid.\n\n${CONVENTIONS}\n\n${LIMITS}\n${BUDGETS}\n\n${SIGNED_ANSWERS}`,
    security: 'signature',
    tags: [
      { name: 'Products', description: 'Loans on offer to you, their terms and requirements. 贷款产品' },
      { name: 'Prechecks', description: 'May this applicant apply? Hashed, masked or plain identity. 撞库/准入' },
      { name: 'Documents', description: 'Photos and files of applicants: send once, refer to by id. 材料' },
      { name: 'Applications', description: 'Requests for credit and what became of them. 授信申请' },
      { name: 'Actions', description: 'What an applicant is asked to do: papers, codes, agreements. 待办/补件/验证码' },
      { name: 'Cards', description: 'Bank cards of an applicant: bind, list, remove. 绑卡' },
      { name: 'Loans', description: 'Drawdowns, schedules, repayments. 借款' },
      { name: 'Lists', description: 'Your own lists: whom you block and trust. 黑白名单' },
      { name: 'Hand-offs', description: 'Applicants taken to the lender’s own pages, once, and back. 联合登录' },
      {
        name: 'Links',
        description:
          'Links for people without an integration, their QR codes and their funnel: /docs/guide/links. 推广链接',
      },
      {
        name: 'Events',
        description: 'What happened: pulled, by webhook, by postback: /docs/guide/webhooks. 事件与回调',
      },
      { name: 'Revenue', description: 'Commissions, balance, statements. 分润' },
      { name: 'Integration', description: 'Who am I; why was my request refused. 接入与联调' },
    ],
  },
  lender: {
    title: 'Sluice lender API',
    description: `For lenders’ cores (助贷机构): report what happened to applications and loans, exactly once, and what started in your own app.\n\n${CONVENTIONS}\n\n${LIMITS}\n\n${SIGNED_ANSWERS}`,
    security: 'signature',
    tags: [
      { name: 'Events', description: 'What happened to applications, credits and loans. 进件与贷后事件' },
      { name: 'Deliveries', description: 'What is for you, when you fetch it instead of being posted to. 主动拉取' },
      { name: 'Applications', description: 'Those you were given, and those that started in your own app. 进件与自营' },
      { name: 'Documents', description: 'Photos and files of applicants, as their partners sent them. 材料' },
      { name: 'Products', description: 'Your products as they are now: pause, resume. 产品启停' },
      { name: 'Lists', description: 'Lists shared with whoever lends the same funder’s money. 黑白名单' },
      { name: 'Appeals', description: 'Objections to being on a list, and your answers. 异议处理' },
      { name: 'Integration', description: 'Why was my request refused. 联调' },
    ],
  },
  operator: {
    title: 'Sluice operator API',
    description: `For the people who run the gateway.\n\n${CONVENTIONS}`,
    security: 'operator',
    tags: [
      { name: 'Partners', description: 'Counterparties as loaded from their files. 合作方' },
      { name: 'Keys', description: 'Keys that counterparties sign with: issue, add, rotate, revoke. 合作方密钥' },
      { name: 'Applications', description: 'Any application, with its history. 申请' },
      { name: 'Attribution', description: 'Who introduced whom, why, and what other rules would say. 归因' },
      { name: 'Products', description: 'Products as they are now: pause, resume. 产品启停' },
      { name: 'Applicants', description: 'What is held about a person: search, export, erase; audited. 个人信息主体' },
      { name: 'Lists', description: 'Shared lists in every scope, and what they decided. 黑白名单' },
      { name: 'Appeals', description: 'Objections to being on a list, from opening to decision. 异议处理' },
      { name: 'Revenue', description: 'Periods, closings, statements, balances. 结算' },
      { name: 'Alarms', description: 'Signs that a partner tries identities rather than brings people. 撞库告警' },
      { name: 'Traffic quality', description: 'Clicks that look like nobody’s, and what is done about them. 流量质量' },
      { name: 'Operators', description: 'Accounts, roles, tokens. 运营人员' },
      { name: 'Audit', description: 'Who did what, and why; a log that shows when it was tampered with. 审计' },
      { name: 'Signing keys', description: 'The key that this gateway signs with, and its rotation. 签名密钥' },
      { name: 'Operations', description: 'Parked events, deliveries that were given up, the sandbox clock. 运维' },
    ],
  },
  referral: {
    title: 'Sluice referral links',
    description:
      'What people who follow a partner’s link meet: redirects, the hosted application page, hand-offs, page events.',
    security: null,
    tags: [
      { name: 'Links', description: 'Clicks and landings. 推广链接' },
      { name: 'Hand-offs', description: 'To the lender’s own pages, once, and back. 联合登录' },
    ],
  },
} as const satisfies Readonly<Record<string, DoorDescription>>;
