import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, PartnerClient } from '../partner-door.ts';
import { shippedClient } from '../signed-client.ts';
import type { FaultPartner } from './applicant.ts';

const RETRY_MS = 80;
const PATIENCE_MS = 180_000;

/** Partners that ask until they are answered: now this gateway, now the other, each time signed anew. */
export class PartnerLine {
  /** Answers 503, and connections that nobody answered on. */
  unavailable = 0;
  broken = 0;
  asked = 0;
  /** Answers that no gateway may give, whatever is lost or killed. */
  readonly unexpected: string[] = [];
  /** How often each refusal was given that a partner has to live with. */
  readonly refusals = new Map<string, number>();
  readonly #gateways: readonly Readonly<Record<FaultPartner, PartnerClient>>[];
  #turn = 0;

  constructor(urls: readonly string[]) {
    this.#gateways = urls.map((url) => ({ acme: shippedClient(url, 'acme'), summit: shippedClient(url, 'summit') }));
  }

  /**
   * @param allowed codes of problems that may be the answer
   * @returns the first answer that is not 503, or is allowed
   */
  async ask(
    partnerId: FaultPartner,
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    { body, allowed = [] }: { readonly body?: unknown; readonly allowed?: readonly string[] } = {},
  ): Promise<Answer> {
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    for (const deadline = Date.now() + PATIENCE_MS; ; ) {
      this.#turn += 1;
      const client = this.#gateways[this.#turn % this.#gateways.length]?.[partnerId];
      this.asked += 1;
      const answer = await client?.send(method, path, text).catch(() => undefined);
      if (answer === undefined) this.broken += 1;
      else if (answer.status === 503 && !allowed.includes(answer.body?.code)) this.unavailable += 1;
      else {
        this.#note(`${method} ${path.replace(/[a-z]+_[0-9a-f]{32}/g, '…')}`, answer, allowed);
        return answer;
      }
      if (Date.now() > deadline) throw new Error(`${method} ${path} was not answered in ${PATIENCE_MS} ms`);
      await delay(RETRY_MS);
    }
  }

  #note(what: string, { status, body }: Answer, allowed: readonly string[]): void {
    if (status < 400) return;
    const code = String(body?.code);
    if (allowed.includes(code)) this.refusals.set(code, (this.refusals.get(code) ?? 0) + 1);
    else this.unexpected.push(`${what}: ${status} ${JSON.stringify(body)}`);
  }
}
