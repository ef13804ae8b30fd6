import type { ApplicationInput } from '../../src/intake/application-input.ts';
import type { Registry } from '../../src/registry/registry.ts';
import { applicationFor, nextPerson } from './intake.ts';
import { shippedClient } from './signed-client.ts';

export interface SubmittedApplication {
  readonly partnerId: 'acme' | 'summit';
  readonly input: ApplicationInput;
  /** The same for two applications of one person. */
  readonly personNo: number;
}

/** An application that was answered 201. */
export interface AnsweredApplication extends SubmittedApplication {
  readonly id: string;
  readonly status: string;
}

/** Applications of both platforms in turn; every third person comes by both of them at once. */
export function mixedApplications(registry: Registry, count: number): SubmittedApplication[] {
  const list: SubmittedApplication[] = [];
  for (let personNo = 0; list.length < count; personNo += 1) {
    const person = nextPerson(personNo % 5 === 0 ? '0000' : undefined);
    const isShared = personNo % 3 === 0;
    for (const partnerId of ['acme', 'summit'] as const) {
      if (!isShared && (personNo % 2 === 0) !== (partnerId === 'acme')) continue;
      list.push({ partnerId, personNo, input: applicationFor(registry, person, `CHAOS-${personNo}`) });
    }
  }
  return list;
}

/**
 * Works through jobs, some at a time, and tries each again as a patient client would until `attempt` has an answer.
 * @param attempt undefined or a fault of the connection = not answered yet
 */
export async function workThrough<Job, Answer>(
  jobs: readonly Job[],
  atOnce: number,
  attempt: (job: Job) => Promise<Answer | undefined>,
  onAnswer: (answer: Answer) => void,
): Promise<void> {
  const queue = [...jobs];
  const deadline = Date.now() + PATIENCE_MS;
  const worker = async (): Promise<void> => {
    for (let job = queue.shift(); job !== undefined; job = queue.shift()) {
      for (;;) {
        const answer = await attempt(job).catch(() => undefined);
        if (answer !== undefined) {
          onAnswer(answer);
          break;
        }
        if (Date.now() > deadline) throw new Error('a request was not answered in 45 s');
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

const PATIENCE_MS = 45_000;
const RETRY_MS = 40;

/**
 * Sends applications to a gateway; undefined when it asks to come again.
 * @param unexpected gets every answer that no gateway may give, whatever is killed
 */
export function submitTo(origin: string, unexpected: string[]) {
  const clients = { acme: shippedClient(origin, 'acme'), summit: shippedClient(origin, 'summit') };
  return async (application: SubmittedApplication): Promise<AnsweredApplication | undefined> => {
    const { status, body } = await clients[application.partnerId].post('/v1/applications', application.input);
    if (status === 201) return { ...application, id: body.id, status: body.status };
    if (status !== 503) unexpected.push(`${status} ${JSON.stringify(body)}`);
    return undefined;
  };
}
