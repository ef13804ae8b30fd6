import { isAwaited } from '../applications/lifecycle/actions.ts';
import type { Action, Application } from '../applications/model.ts';
import { msOf } from '../base/clock.ts';
import type { InputFault } from './intake-deps.ts';

/** What an applicant may do with an action; which of these, its type says. */
export interface ActionInput {
  readonly otp?: string | undefined;
  readonly applicant?: Readonly<Record<string, unknown>> | undefined;
  readonly documents?: readonly Readonly<Record<string, unknown>>[] | undefined;
  readonly verifications?: readonly Readonly<Record<string, unknown>>[] | undefined;
  readonly consents?: readonly Readonly<Record<string, unknown>>[] | undefined;
  readonly card_id?: string | undefined;
  readonly returned?: true | undefined;
}

type Field = keyof ActionInput;

/** Fields of the answer to each type: at least one of `any` (where there are some), and nothing else. */
const FIELDS: Readonly<Record<Action['type'], readonly Field[]>> = {
  supplement: ['applicant', 'documents', 'verifications'],
  otp: ['otp'],
  agree: ['consents'],
  card: ['card_id'],
  redirect: ['returned'],
};

/** What keeps an answer from being an answer to this type of action; pointers into the body. */
export function shapeFaults(type: Action['type'], input: ActionInput): InputFault[] {
  const wanted = FIELDS[type];
  const given = (Object.keys(input) as Field[]).filter((field) => input[field] !== undefined);
  const stray = given.filter((field) => !wanted.includes(field));
  if (stray.length > 0) {
    const message = `does not answer an action of type ${type}: send ${wanted.join(', ')}`;
    return stray.map((field) => ({ pointer: `/${field}`, code: 'not_allowed', message }));
  }
  // Whoever comes back from a page has nothing to say.
  if (type === 'redirect' || given.length > 0) return [];
  const message = `an action of type ${type} is answered by ${wanted.join(', ')}`;
  return [{ pointer: type === 'supplement' ? '' : `/${wanted[0]}`, code: 'required', message }];
}

export type ActionStanding = 'open' | 'replayed' | 'completed' | 'expired';

/**
 * Whether an action can be answered now. What was answered is over, unless the same answer comes again; so is what the lender
 * no longer waits for.
 * @param answer hash of the answer that has come
 */
export function standingOfAction(
  application: Application,
  action: Action,
  answer: string | undefined,
  nowMs: number,
): ActionStanding {
  if (action.answered_at !== undefined) {
    return answer !== undefined && action.answer === answer ? 'replayed' : 'completed';
  }
  if (!isAwaited(application, action)) return 'completed';
  return action.expired_at !== undefined || msOf(action.expires_at) <= nowMs ? 'expired' : 'open';
}
