/** When gathered calls are sent. */
type Schedule = (send: () => void) => void;

interface Gathered<Group, Call, Reply> {
  readonly group: Group;
  readonly calls: Call[];
  readonly settle: { readonly resolve: (reply: Reply) => void; readonly reject: (error: unknown) => void }[];
}

export interface GathererOptions<Group, Call, Reply> {
  readonly schedule: Schedule;
  /** Whether calls for two groups of one party may travel together. */
  readonly isSame: (one: Group, other: Group) => boolean;
  /** Answers calls in their order. */
  readonly send: (partyId: string, group: Group, calls: readonly Call[]) => Promise<readonly Reply[]>;
}

/** Longer ones would hold Redis up. */
const CALLS_MAX = 128;

/**
 * Gathers what is asked for one party in one turn of the event loop into one command. Under load a command then serves many
 * requests, on both sides of the connection; a single request does not wait for others.
 */
export class Gatherer<Group, Call, Reply> {
  readonly #options: GathererOptions<Group, Call, Reply>;
  readonly #open = new Map<string, Gathered<Group, Call, Reply>>();

  constructor(options: GathererOptions<Group, Call, Reply>) {
    this.#options = options;
  }

  /** Rejects as `send` does, together with all that travelled along. */
  call(partyId: string, group: Group, call: Call): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const { calls, settle } = this.#gatheredFor(partyId, group);
      calls.push(call);
      settle.push({ resolve, reject });
      if (calls.length === CALLS_MAX) this.#send(partyId);
    });
  }

  #gatheredFor(partyId: string, group: Group): Gathered<Group, Call, Reply> {
    const open = this.#open.get(partyId);
    if (open !== undefined) {
      if (this.#options.isSame(open.group, group)) return open;
      this.#send(partyId);
    }
    if (this.#open.size === 0) this.#options.schedule(() => this.#sendAll());
    const opened: Gathered<Group, Call, Reply> = { group, calls: [], settle: [] };
    this.#open.set(partyId, opened);
    return opened;
  }

  #sendAll(): void {
    for (const partyId of [...this.#open.keys()]) this.#send(partyId);
  }

  #send(partyId: string): void {
    const gathered = this.#open.get(partyId);
    if (gathered === undefined) return;
    this.#open.delete(partyId);
    const { group, calls, settle } = gathered;
    this.#options.send(partyId, group, calls).then(
      (replies) => {
        for (const [index, { resolve, reject }] of settle.entries()) {
          const reply = replies[index];
          if (reply === undefined) reject(new Error('a gathered call was not answered'));
          else resolve(reply);
        }
      },
      (error) => {
        for (const { reject } of settle) reject(error);
      },
    );
  }
}

/** Together with all that has been read from sockets in this turn. */
export const afterReads: Schedule = (send) => void setImmediate(send);

/** Together with all that the replies just read have set going, and before a client writes what it has gathered itself. */
export const afterReplies: Schedule = (send) => process.nextTick(send);
