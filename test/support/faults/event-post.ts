import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from '../../../src/demo/random.ts';
import type { SigningKey } from '../../../src/trust/import-key.ts';
import { signRequest } from '../../../src/trust/sign-message.ts';
import type { FaultPlan } from './fault-plan.ts';
import type { Forwarder, PassingReply, PassingRequest } from './faulty-proxy.ts';

type WireEvent = Readonly<Record<string, unknown>>;

export interface EventPostDeps {
  readonly plan: FaultPlan;
  readonly forwarder: Forwarder;
  /** Where the lenders believe the gateway to be: what they sign for. */
  readonly origin: () => string;
  /** A gateway, another one each time. */
  readonly target: () => string;
  /** The key that signed a request, by its key id. */
  readonly keyOf: (keyId: string) => SigningKey | undefined;
}

const SPLIT_PERCENT = 35;
const REPLAY_PERCENT = 10;
const PIECES_MAX = 4;
const PIECE_DELAY_MAX_MS = 120;
const EVENTS_PATH = '/lender/v1/events';

/**
 * The post office between the lenders and the gateway. Beside what the plan does to whole requests, it takes batches apart,
 * shuffles them and sends the pieces at the same time, each signed by the lender; and it puts requests in once more, byte
 * for byte, which the gateway must refuse.
 */
export class EventPost {
  /** Answers to a request that came once more byte for byte, other than a refusal of its signature. */
  readonly replaysTaken: string[] = [];
  readonly #deps: EventPostDeps;
  #turn = 0;

  constructor(deps: EventPostDeps) {
    this.#deps = deps;
  }

  /** Each time counts as another: a lender that sends again sends another batch. */
  nameOf({ method, path, body }: PassingRequest): string {
    if (path !== EVENTS_PATH) return `${method} ${path}`;
    const { events } = JSON.parse(body.toString()) as { events: readonly { id?: unknown }[] };
    return `events ${String(events[0]?.id)} ${events.length}`;
  }

  async deliver(request: PassingRequest, name: string): Promise<PassingReply> {
    this.#turn += 1;
    const random = this.#deps.plan.randomOf(`${name} post ${this.#turn}`);
    if (request.path === EVENTS_PATH && this.#deps.plan.isOn && random.integer(1, 100) <= SPLIT_PERCENT) {
      const { events } = JSON.parse(request.body.toString()) as { events: readonly WireEvent[] };
      if (events.length > 1) return this.#sendInPieces(request, events, random);
    }
    const reply = await this.#send(request);
    if (this.#deps.plan.isOn && random.integer(1, 100) <= REPLAY_PERCENT) await this.#replay(request, reply);
    return reply;
  }

  /** As the lender would send it again: signed anew. */
  deliverAgain(request: PassingRequest): Promise<PassingReply> {
    return this.#send(this.#signedAnew(request, request.body.toString()));
  }

  async #replay(request: PassingRequest, first: PassingReply): Promise<void> {
    if (first.status >= 400) return;
    const again = await this.#send(request).catch(() => undefined);
    // A gateway that was killed meanwhile says nothing.
    if (again === undefined || again.status >= 500) return;
    this.#deps.plan.note('replayed');
    const { code } = JSON.parse(again.body.toString()) as { code?: string };
    if (again.status !== 401 || code !== 'signature_replayed') this.replaysTaken.push(`${again.status} ${code}`);
  }

  async #sendInPieces(request: PassingRequest, events: readonly WireEvent[], random: Random): Promise<PassingReply> {
    const atoms = shuffled(atomsOf(events), random);
    const count = Math.min(random.integer(1, PIECES_MAX), atoms.length);
    this.#deps.plan.note(count > 1 ? 'split' : 'shuffled');
    const pieces = Array.from({ length: count }, (_, piece) => atoms.filter((__, at) => at % count === piece).flat());
    const replies = await Promise.all(
      pieces.map(async (piece) => {
        await delay(random.integer(0, PIECE_DELAY_MAX_MS));
        const body = JSON.stringify({ events: piece.map((at) => events[at]) });
        return this.#send(this.#signedAnew(request, body));
      }),
    );
    const failed = replies.find(({ status }) => status !== 200);
    if (failed) return failed;
    const results = new Array<unknown>(events.length);
    for (const [index, reply] of replies.entries()) {
      const told = (JSON.parse(reply.body.toString()) as { results: readonly unknown[] }).results;
      for (const [at, place] of (pieces[index] ?? []).entries()) results[place] = told[at];
    }
    const headers = { 'content-type': 'application/json' };
    return { status: 200, headers, body: Buffer.from(JSON.stringify({ results })) };
  }

  #signedAnew({ method, path, rawHeaders }: PassingRequest, text: string): PassingRequest {
    const { origin, keyOf } = this.#deps;
    const key = keyOf(/keyid="([^"]+)"/.exec(headerOf(rawHeaders, 'signature-input'))?.[1] ?? '');
    if (key === undefined) throw new Error('nobody knows the key of this request');
    const url = `${origin()}${path}`;
    const headers = { 'Content-Type': 'application/json' };
    const signature = signRequest({ method, url, headers, body: text, key, createdSeconds: Date.now() / 1_000 });
    const body = Buffer.from(text);
    const all = { Host: new URL(url).host, ...headers, ...signature, 'Content-Length': String(body.length) };
    return { method, path, rawHeaders: Object.entries(all).flat(), body };
  }

  #send(request: PassingRequest): Promise<PassingReply> {
    return this.#deps.forwarder.send(this.#deps.target(), request);
  }
}

/**
 * What has to stay together and in order, by places in the batch. Early events are held, so order does not matter; but
 * payments under a new plan are refused before the plan is known, so a lender tells both in order.
 */
function atomsOf(events: readonly WireEvent[]): number[][] {
  const replanned = new Set(events.filter(isNewPlan).map(objectOf));
  const atoms = new Map<string, number[]>();
  for (const [at, event] of events.entries()) {
    const name = replanned.has(objectOf(event)) ? objectOf(event) : `one ${at}`;
    atoms.set(name, [...(atoms.get(name) ?? []), at]);
  }
  return [...atoms.values()];
}

function isNewPlan(event: WireEvent): boolean {
  const { reason } = event.data as { reason?: unknown };
  return event.type === 'loan.schedule_updated' && reason === 'prepayment';
}

function objectOf({ application_id, loan_id, lender_ref }: WireEvent): string {
  return String(loan_id ?? lender_ref ?? application_id);
}

function shuffled<Item>(items: readonly Item[], random: Random): Item[] {
  const left = [...items];
  for (let at = left.length - 1; at > 0; at -= 1) {
    const other = random.integer(0, at);
    const [one, two] = [left[at], left[other]];
    if (one !== undefined && two !== undefined) [left[at], left[other]] = [two, one];
  }
  return left;
}

function headerOf(rawHeaders: readonly string[], name: string): string {
  const at = rawHeaders.findIndex((text, index) => index % 2 === 0 && text.toLowerCase() === name);
  return rawHeaders[at + 1] ?? '';
}
