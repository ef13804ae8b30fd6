import { setTimeout as delay } from 'node:timers/promises';
import type { Application, VerificationNote } from '../applications/model.ts';
import { judgeVerifications } from '../applications/verification/judge-verifications.ts';
import { withVerifications } from '../applications/verification/note-verifications.ts';
import {
  type CheckedPerson,
  isPersonCheck,
  type PersonCheckKind,
} from '../applications/verification/verification-provider.ts';
import { isoOf, msOf } from '../base/clock.ts';
import { memberAt } from '../base/member-at.ts';
import { normaliseBankCard } from '../identity/normalise-bank-card.ts';
import { normalisePhone } from '../identity/normalise-phone.ts';
import type { NormalisedSubject } from '../identity/normalise-subject.ts';
import { type Refusal, refusal } from '../screening/decision.ts';
import type { ApplicationInput } from './application-input.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { VERIFY_DEADLINE_MS, verifyPerson } from './verify-person.ts';

/** Who waits for another caller's check looks again this often … */
const LOOK_AGAIN_MS = 50;
/** … and this long beyond its deadline: time to write the result down. */
const WRITE_GRACE_MS = 500;

/** Checks of a submission that we make ourselves. */
export interface OwnChecks {
  readonly kinds: readonly PersonCheckKind[];
  readonly person: CheckedPerson;
}

/**
 * The checks that the product requires, the partner does not bring and we can make: the person is known in plain by a
 * mainland id number, and for four elements by a card. Undefined = there is nothing to check.
 */
export function planChecks(
  input: Pick<ApplicationInput, 'applicant' | 'verifications'>,
  subject: NormalisedSubject,
  required: readonly string[],
): OwnChecks | undefined {
  const person = personOf(input.applicant, subject);
  if (person === undefined) return undefined;
  const brought = new Set((input.verifications ?? []).map(({ kind }) => kind));
  const kinds = required.filter(isPersonCheck).filter((kind) => !brought.has(kind));
  const possible = kinds.filter((kind) => kind !== 'four_elements' || person.cardNumber !== undefined);
  return possible.length === 0 ? undefined : { kinds: possible, person };
}

/** While its caller asks, an application says so: nobody else may ask meanwhile, or ever after. */
export function checkingUntil({ kinds }: OwnChecks): NonNullable<Application['checking']> {
  return { kinds, until: isoOf(Date.now() + VERIFY_DEADLINE_MS) };
}

/**
 * Waits until what had to be checked is known, and writes it down once. The caller that has created the application asks;
 * whoever joins it waits for that result, and takes it for unknown when none is there in time, because its caller has died
 * then. Nothing is claimed for the applicant meanwhile.
 * @param own what this very caller has to ask; absent = it is somebody else's
 * @returns the application with the results
 */
export async function settleChecks(deps: IntakeDeps, application: Application, own?: OwnChecks): Promise<Application> {
  const { checking, id } = application;
  if (checking === undefined) return application;
  if (own !== undefined) return write(deps, id, await verifyPerson(deps, own.kinds, own.person));
  const untilMs = msOf(checking.until) + WRITE_GRACE_MS;
  while (Date.now() < untilMs) {
    await delay(LOOK_AGAIN_MS);
    const now = (await deps.store.load(id))?.application;
    if (now?.checking === undefined) return now ?? application;
  }
  const at = isoOf(deps.clock.nowMs());
  const provider = deps.verifier?.name ?? 'none';
  return write(
    deps,
    id,
    checking.kinds.map((kind) => ({ kind, provider, result: 'unknown', at, by: 'sluice' })),
  );
}

/** A required check that was failed ends it: trust in somebody does not make them somebody else. */
export function refusalByVerifications(
  required: readonly string[],
  notes: readonly VerificationNote[] | undefined,
): Refusal | undefined {
  const { failed } = judgeVerifications(required, notes);
  return failed.length === 0 ? undefined : refusal('ineligible', { detail: 'profile' });
}

/** The first who has a result writes it; whatever comes after that changes nothing. */
async function write(deps: IntakeDeps, id: string, notes: readonly VerificationNote[]): Promise<Application> {
  const changed = await deps.store.change(id, (current) => {
    if (current.status !== 'screening' || current.checking === undefined) return { events: [], result: null };
    const { checking: _, ...rest } = current;
    return { application: withVerifications(rest, notes), events: [], result: null };
  });
  if (changed === undefined) throw new Error(`application ${id} is not there`);
  return changed.application;
}

function personOf(applicant: ApplicationInput['applicant'], subject: NormalisedSubject): CheckedPerson | undefined {
  const { name, idNumber, phone, idKind } = subject;
  if (idKind !== 'cn_resident') return undefined;
  if (name?.given !== 'plain' || idNumber?.given !== 'plain' || phone?.given !== 'plain') return undefined;
  const person = { name: name.value, idNumber: idNumber.value, phone: phone.value };
  const number = memberAt(applicant, 'bank_card.number');
  const card = typeof number === 'string' ? normaliseBankCard(number) : undefined;
  if (!card?.ok) return person;
  const reserved = memberAt(applicant, 'bank_card.phone');
  const read = typeof reserved === 'string' ? normalisePhone(reserved) : undefined;
  return { ...person, cardNumber: card.value, ...(read?.ok ? { phone: read.national } : {}) };
}
