import type { RedisClient } from '../redis/connection.ts';
import type { Keyspace } from '../redis/keyspace.ts';
import { type Looker, lookNowAndThen } from '../redis/look-now-and-then.ts';
import { defineScript } from '../redis/script.ts';

/** A link that its partner has switched off. */
export interface LinkPause {
  /** In the partner's words. */
  readonly reason: string;
  /** RFC 3339, business time. */
  readonly at: string;
}

/** Links are paused in one place, so one look tells whether anything has changed. */
const SHARD = 0;
const REVISION = '#revision';
/** Messages can be lost (pub/sub is at most once): whether one was is looked at this often. */
const LOOK_EVERY_MS = 1_000;

const setPause = defineScript<'paused', { readonly pause: LinkPause | undefined; readonly revision: number }>({
  file: new URL('./set-link-pause.lua', import.meta.url),
  keys: ['paused'],
  reply: (raw) => {
    const [pause, revision] = Array.isArray(raw) ? raw : [];
    if (typeof pause !== 'string' || typeof revision !== 'string') {
      throw new Error('set-link-pause.lua: unknown reply');
    }
    return { pause: readPause(pause), revision: Number(revision) };
  },
});

/**
 * The links that are switched off, in the memory of every process: a click asks without a look-up. When Redis is away, what
 * was known last stays in force. Only paused links take memory, which links a partner bounds.
 */
export class LinkPauses {
  readonly #client: RedisClient;
  readonly #keys: Keyspace;
  readonly #paused = new Map<string, LinkPause>();
  #revision = 0;
  #stop: (() => Promise<void>) | undefined;

  constructor(client: RedisClient, keys: Keyspace) {
    this.#client = client;
    this.#keys = keys;
  }

  /**
   * Reads what is paused, and follows it until it is stopped.
   * @param subscriber a connection for subscriptions
   * @throws when Redis cannot be used
   */
  async start(subscriber: RedisClient, failed: (error: unknown) => void): Promise<void> {
    const channel = this.#keys.linksChannel;
    const heard = (on: string, message: string): void => {
      if (on === channel) this.#heard(message).catch(failed);
    };
    subscriber.on('message', heard);
    await subscriber.subscribe(channel);
    await this.#readAll();
    const looker: Looker = lookNowAndThen(() => this.#look(), LOOK_EVERY_MS, failed);
    looker.start();
    this.#stop = async () => {
      subscriber.off('message', heard);
      await looker.stop();
    };
  }

  async stop(): Promise<void> {
    await this.#stop?.();
  }

  /** From memory; undefined = the link is on. */
  of(code: string): LinkPause | undefined {
    return this.#paused.get(code);
  }

  /** Switches a link off; the same reason again changes nothing. In force here at once, elsewhere moments later. */
  set(code: string, pause: LinkPause): Promise<LinkPause | undefined> {
    return this.#change(code, JSON.stringify(pause), pause.reason);
  }

  /** Switches it on again; one that is on stays on. */
  async lift(code: string): Promise<void> {
    await this.#change(code, '', '');
  }

  async #change(code: string, pause: string, reason: string): Promise<LinkPause | undefined> {
    const args = [code, pause, reason, this.#keys.linksChannel];
    const answer = await setPause.run(this.#client, { paused: this.#key() }, args);
    this.#keep(code, answer.pause);
    this.#follow(answer.revision);
    return answer.pause;
  }

  async #heard(message: string): Promise<void> {
    const [revision = '', code = ''] = message.split(' ');
    this.#keep(code, readPause((await this.#client.hget(this.#key(), code)) ?? ''));
    this.#follow(Number(revision));
  }

  /** A gap says that a message was lost: the next look reads everything. */
  #follow(revision: number): void {
    if (revision === this.#revision + 1) this.#revision = revision;
  }

  async #look(): Promise<void> {
    const revision = Number((await this.#client.hget(this.#key(), REVISION)) ?? 0);
    if (revision !== this.#revision) await this.#readAll();
  }

  async #readAll(): Promise<void> {
    const stored = new Map(Object.entries(await this.#client.hgetall(this.#key())));
    this.#revision = Number(stored.get(REVISION) ?? 0);
    stored.delete(REVISION);
    for (const code of this.#paused.keys()) if (!stored.has(code)) this.#paused.delete(code);
    for (const [code, text] of stored) this.#keep(code, readPause(text));
  }

  /** Replies come in the order of their commands, so what was read last is the newest. */
  #keep(code: string, pause: LinkPause | undefined): void {
    if (pause === undefined) this.#paused.delete(code);
    else this.#paused.set(code, pause);
  }

  #key(): string {
    return this.#keys.shard(SHARD, 'links', 'paused');
  }
}

function readPause(text: string): LinkPause | undefined {
  return text === '' ? undefined : (JSON.parse(text) as LinkPause);
}
