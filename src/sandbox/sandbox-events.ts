import type { Product } from '../registry/schema/product.ts';
import type { SigningKey } from '../trust/import-key.ts';
import type { LenderHttp } from './lender-http.ts';
import { type EventAnswer, postEvents } from './post-events.ts';
import type { BookProgress, RefusedEvent, SandboxStore, StoredBook } from './sandbox-store.ts';
import { figuresOf } from './story/day-figures.ts';
import { type Transmission, transmissionsOf } from './story/transmissions.ts';

export interface SandboxEventsDeps {
  readonly http: LenderHttp;
  /** The gateway's `/lender/v1/events`, absolute. */
  readonly eventsUrl: () => string;
  readonly observer: SandboxObserver;
}

export interface SandboxObserver {
  /** The gateway refused an event for good: the sandbox lender and the gateway disagree. */
  rejected(lenderId: string, eventId: string, code: string): void;
  failed(error: unknown): void;
}

/** One lender that posts. */
export interface PostingLender {
  readonly id: string;
  readonly store: SandboxStore;
  readonly signingKey: SigningKey;
  readonly products: readonly Product[];
}

/** Books that are worked on at a time: memory stays bounded however many fall due together. */
const PAGE_BOOKS = 250;

/** A book on its way through one round of posting. */
class Course {
  readonly stored: StoredBook;
  readonly transmissions: readonly Transmission[];
  readonly refused: RefusedEvent[] = [];
  /** Transmissions that were answered. */
  at: number;
  /** One of them is to be sent again: those after it wait for the next round. */
  isBlocked = false;

  constructor(stored: StoredBook) {
    this.stored = stored;
    this.transmissions = transmissionsOf(stored.book);
    this.at = stored.sent;
  }

  /** What is due and was not answered yet. */
  due(nowMs: number): readonly Transmission[] {
    const end = this.transmissions.findIndex((one, index) => index >= this.at && one.sendMs > nowMs);
    return this.transmissions.slice(this.at, end < 0 ? undefined : end);
  }

  /** What is to be written down. @param from answered before */
  progress(from: number): BookProgress {
    const { book, text } = this.stored;
    const steps = this.transmissions.filter((one) => !one.again).map((one) => one.step);
    const fresh = this.transmissions.slice(from, this.at).filter((one) => !one.again);
    return {
      applicationId: book.application_id,
      text,
      from,
      to: this.at,
      nextDueMs: this.transmissions[this.at]?.sendMs ?? null,
      refused: this.refused.splice(0),
      figures: fresh.flatMap(({ step }) => figuresOf(book, step, steps)),
    };
  }
}

/** Posts due transmissions as signed events. Each counts as sent only when it has been answered. */
export class SandboxEvents {
  readonly #deps: SandboxEventsDeps;

  constructor(deps: SandboxEventsDeps) {
    this.#deps = deps;
  }

  /**
   * Posts everything of one lender that is due at `nowMs`, in order for each applicant.
   * @returns how much moved: events answered for good, and applicants found to have nothing to send
   * @throws when the gateway or Redis cannot be reached; what was not answered stays due
   */
  async postDue(lender: PostingLender, nowMs: number): Promise<number> {
    let answered = 0;
    for (;;) {
      const page = await lender.store.takeDue(nowMs, PAGE_BOOKS);
      if (page.length === 0) return answered;
      const done = await this.#postPage(lender, page, nowMs);
      answered += done;
      // Nothing moved: the rest is for the next time, or this would go round for ever.
      if (done === 0) return answered;
    }
  }

  async #postPage(lender: PostingLender, page: readonly StoredBook[], nowMs: number): Promise<number> {
    const courses = page.map((stored) => new Course(stored));
    const idle = courses.filter((course) => course.due(nowMs).length === 0);
    await lender.store.noteSent(
      idle.map((course) => course.progress(course.at)),
      nowMs,
    );
    let waiting = courses
      .flatMap((course) => course.due(nowMs).map((transmission) => ({ course, transmission })))
      .sort((one, other) => one.transmission.sendMs - other.transmission.sendMs);
    let moved = idle.length;
    while (waiting.length > 0) {
      const due = waiting.map(({ transmission }) => transmission);
      const target = { http: this.#deps.http, url: this.#deps.eventsUrl(), signingKey: lender.signingKey };
      const answers = await postEvents(target, due);
      const batch = waiting.splice(0, answers.length);
      const starts = new Map(batch.map(({ course }) => [course, course.at]));
      for (const [index, { course, transmission }] of batch.entries()) {
        if (this.#note(lender, course, transmission, answers[index])) moved += 1;
      }
      waiting = waiting.filter(({ course }) => !course.isBlocked);
      await lender.store.noteSent(
        [...starts].map(([course, from]) => course.progress(from)),
        nowMs,
      );
    }
    return moved;
  }

  /** @returns whether the transmission is done with */
  #note(lender: PostingLender, course: Course, { step }: Transmission, answer: EventAnswer | undefined): boolean {
    if (answer?.kind === 'waits') course.isBlocked = true;
    if (course.isBlocked) return false;
    course.at += 1;
    if (answer?.kind === 'refused') {
      course.refused.push({ id: step.id, code: answer.code });
      this.#deps.observer.rejected(lender.id, step.id, answer.code);
    }
    return true;
  }
}
