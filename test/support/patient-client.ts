import { setTimeout as delay } from 'node:timers/promises';
import type { MixedPartner } from './mixed-partners.ts';
import { MIXED_PARTNERS, mixedKey } from './mixed-partners.ts';
import { type Answer, type PartnerClient, partnerClient } from './partner-door.ts';

const RETRY_MS = 60;
const PATIENCE_MS = 40_000;

interface Asking {
  readonly body?: unknown;
  readonly expected: number;
  readonly isPatient?: boolean;
}

/** Partners that ask until they are answered: now this gateway, now the other, each time signed anew. */
export class PatientClient {
  /** Answers 503, and connections that nobody answered on. */
  unavailable = 0;
  broken = 0;
  givenUp = 0;
  /** What no gateway may answer, whatever is killed. */
  readonly unexpected: string[] = [];
  readonly #gateways: readonly ReadonlyMap<MixedPartner, PartnerClient>[];
  #turn = 0;

  constructor(urls: readonly string[]) {
    this.#gateways = urls.map(
      (url) => new Map(MIXED_PARTNERS.map((partnerId) => [partnerId, partnerClient(url, mixedKey(partnerId))])),
    );
  }

  get retries(): number {
    return this.unavailable + this.broken - this.givenUp;
  }

  /**
   * @param asking.isPatient false = gives up at the first 503 or broken connection
   * @returns the first answer that is not 503; one that is not `expected` is noted, and undefined
   */
  async ask(
    partnerId: MixedPartner,
    method: string,
    path: string,
    { body, expected, isPatient = true }: Asking,
  ): Promise<Answer | undefined> {
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    for (const deadline = Date.now() + PATIENCE_MS; ; ) {
      this.#turn += 1;
      const client = this.#gateways[this.#turn % this.#gateways.length]?.get(partnerId);
      const answer = await client?.send(method, path, text).catch(() => undefined);
      if (answer === undefined) this.broken += 1;
      else if (answer.status === 503) this.#noteUnavailable(answer, path);
      else {
        if (answer.status === expected) return answer;
        this.unexpected.push(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
        return undefined;
      }
      if (!isPatient) {
        this.givenUp += 1;
        return undefined;
      }
      if (Date.now() > deadline) throw new Error(`${method} ${path} was not answered in ${PATIENCE_MS} ms`);
      await delay(RETRY_MS);
    }
  }

  #noteUnavailable({ headers, body }: Answer, path: string): void {
    this.unavailable += 1;
    if (headers.get('retry-after') === null)
      this.unexpected.push(`${path}: 503 without Retry-After ${JSON.stringify(body)}`);
  }
}
