import { entry } from './problem-entry.ts';

/** Feeds, webhooks, postbacks. */
export const deliveryProblems = {
  cursor_expired: entry(
    410,
    ['What follows this cursor is kept no longer', '该游标之后的事件已过保留期'],
    [
      'You have missed events. Begin again without `after`, and read what you hold applications, loans and statements of from their own operations.',
      '有事件已错过。请去掉 after 重新开始，并通过各自接口核对进件、借款与结算单的当前状态。',
    ],
  ),
  webhook_not_set: entry(
    409,
    ['There is no webhook to send to', '未配置回调地址'],
    [
      'Ask us to set callbacks: a URL, a secret, events. In sandbox they stand in partner.yaml.',
      '请联系我们配置 callbacks：地址、密钥与事件类型。沙箱中写在 partner.yaml。',
    ],
  ),
  delivery_done: entry(
    409,
    ['It was delivered', '该消息已送达'],
    ['Read the event from `GET /v1/events` if you need it again.', '如需再次获取，请通过 GET /v1/events 读取该事件。'],
  ),
};
