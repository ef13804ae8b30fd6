import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** One request as it came. */
export interface ReceivedHook {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** `webhook-id`, '' for postbacks. */
  readonly id: string;
  /** What was answered. */
  readonly status: number;
}

export interface HookReceiver {
  readonly url: string;
  readonly received: ReceivedHook[];
  /** What it answers; may be changed at any time. */
  answer: (hook: Omit<ReceivedHook, 'status'>) => number | { status: number; headers: Record<string, string> };
  /** Resolves when `condition` holds of what was received; looks again after every request and now and then. */
  until(condition: (received: readonly ReceivedHook[]) => boolean, timeoutMs?: number): Promise<void>;
  close(): Promise<void>;
}

/** A partner's endpoint on loopback. */
export async function startHookReceiver(port = 0): Promise<HookReceiver> {
  const received: ReceivedHook[] = [];
  const receiver: { answer: HookReceiver['answer'] } = { answer: () => 204 };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { method = '', url = '', headers } = request;
    const hook = {
      method,
      url,
      headers,
      body: Buffer.concat(chunks).toString('utf8'),
      id: text(headers['webhook-id']),
    };
    const given = receiver.answer(hook);
    const answer = typeof given === 'number' ? { status: given, headers: {} } : given;
    received.push({ ...hook, status: answer.status });
    response.writeHead(answer.status, answer.headers).end();
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${bound}`,
    received,
    get answer() {
      return receiver.answer;
    },
    set answer(answer) {
      receiver.answer = answer;
    },
    async until(condition, timeoutMs = 20_000) {
      const deadline = Date.now() + timeoutMs;
      while (!condition(received)) {
        if (Date.now() > deadline) throw new Error(`waited in vain; ${received.length} were received`);
        await delay(10);
      }
    },
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/**
 * Whether a webhook was signed with the shared secret: written from the specification of Standard Webhooks alone, as a receiver
 * would.
 */
export function isSignedWith(secret: string, { headers, body }: Pick<ReceivedHook, 'headers' | 'body'>): boolean {
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64');
  const content = `${text(headers['webhook-id'])}.${text(headers['webhook-timestamp'])}.${body}`;
  const expected = createHmac('sha256', key).update(content, 'utf8').digest();
  if (Math.abs(Date.now() / 1_000 - Number(headers['webhook-timestamp'])) > 300) return false;
  return text(headers['webhook-signature'])
    .split(' ')
    .some((one) => {
      const [version, value = ''] = one.split(',');
      const given = Buffer.from(value, 'base64');
      return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected);
    });
}

function text(value: string | string[] | undefined): string {
  return typeof value === 'string' ? value : '';
}
