import type { Versioned } from '../applications/model.ts';
import { CANONICAL_FORM } from '../identity/hash-forms.ts';
import type { SubjectTokens } from '../identity/token.ts';
import type { DayCap } from '../limits/place-store.ts';
import type { TrafficPartner } from '../registry/schema/traffic-partner.ts';
import type { ClaimReading } from '../screening/claim-store.ts';
import type { LabelledToken } from '../screening/labelled-token.ts';
import type { ListToken } from '../screening/lists/entry.ts';
import type { FoundMembership } from '../screening/lists/list-lookup.ts';
import { lookupTokens } from '../screening/lists/list-tokens.ts';
import { claimTokens } from './application-draft.ts';
import { fullCaps } from './application-places.ts';
import type { IntakeDeps } from './intake-deps.ts';
import type { PrecheckInput } from './precheck-input.ts';

/** What stands about one person. */
export interface PersonFacts {
  /** Claims and reservations by lender. */
  readonly claims: ReadonlyMap<string, readonly ClaimReading[]>;
  readonly listTokens: readonly ListToken[];
  readonly entries: readonly FoundMembership[];
}

/** Everything that answers to one question rest on, as it was at one instant. */
export interface PrecheckFacts {
  readonly nowMs: number;
  /** Something about the person may have been missed. */
  readonly provisional: boolean;
  /** Whom the question may mean: one, unless a masked identity fits several. */
  readonly people: readonly [PersonFacts, ...PersonFacts[]];
  /** Daily caps that are full. */
  readonly full: ReadonlySet<DayCap>;
  /** Other applicants on the device; undefined when it was not asked about. */
  readonly othersOnDevice: number | undefined;
  /** Applications behind claims, each read once. */
  readonly load: (applicationId: string) => Promise<Versioned | undefined>;
}

/**
 * Reads what a question is answered from. All commands go out in the caller's tick, so they are one round together with
 * whatever else is sent in it; a second one only for people behind a masked identity, and for matches on a list whose details
 * decide.
 */
export async function readFacts(
  deps: IntakeDeps,
  partner: TrafficPartner,
  input: PrecheckInput,
): Promise<PrecheckFacts> {
  const nowMs = deps.clock.nowMs();
  const { subject, products } = input;
  const tokens = deps.tokenizer.tokensOfSubject(subject);
  const lenders = [...new Set(products.map(({ lender_id: lender }) => lender))];
  const { claims: decisive, pointers } = claimTokens(tokens);
  const claiming = [...decisive, ...pointers];
  const listTokens = listTokensOf(deps, input, tokens);
  const caps = fullCaps(deps, partner, products, nowMs);
  const isMasked = subject.phone?.given === 'masked' || subject.idNumber?.given === 'masked';
  const mask = isMasked ? tokens.masked_person?.canonical : undefined;
  const [claims, [entries = []], full, othersOnDevice, behind] = await Promise.all([
    readClaims(deps, lenders, claiming),
    deps.lists.read([listTokens]),
    caps,
    othersOf(deps, input, tokens, nowMs),
    mask ? deps.maskedPeople.find(mask) : undefined,
  ]);
  const own: PersonFacts = { claims, listTokens, entries };
  return {
    nowMs,
    provisional: tokens.provisional || claiming.length === 0,
    people: behind === undefined ? [own] : await peopleBehind(deps, lenders, { own, tokens, behind }),
    full,
    othersOnDevice,
    load: loadOnce(deps),
  };
}

/** @throws Error when the subject is given in a form that is not indexed; the doors refuse those before */
function listTokensOf(
  { tokenizer, lists }: IntakeDeps,
  input: PrecheckInput,
  tokens: SubjectTokens,
): readonly ListToken[] {
  const { facts } = input.subject;
  const { residenceRegion } = input;
  const regions: string[] = facts === undefined ? [] : [facts.region];
  if (residenceRegion !== undefined) regions.push(residenceRegion);
  const found = lookupTokens(tokenizer, lists.parts.forms, tokens, { regions });
  if (!found.ok) throw new Error('a subject in a form that is not indexed got past the door');
  return found.tokens;
}

async function readClaims(
  { claims }: IntakeDeps,
  lenders: readonly string[],
  tokens: readonly string[],
): Promise<ReadonlyMap<string, readonly ClaimReading[]>> {
  const [only, ...others] = lenders;
  if (only !== undefined && others.length === 0) return new Map([[only, await claims.read(only, tokens)]]);
  return new Map(
    await Promise.all(lenders.map(async (lender) => [lender, await claims.read(lender, tokens)] as const)),
  );
}

/** Reads who else is on the device, if that keeps anybody out of one of the products. */
function othersOf(
  { devices }: IntakeDeps,
  { products }: PrecheckInput,
  { device_id: device, id_number: idNumber, phone }: SubjectTokens,
  nowMs: number,
): Promise<number> | undefined {
  const token = device?.canonical;
  if (!token || !products.some(({ eligibility }) => eligibility.device.over === 'refuse')) return undefined;
  return devices.others(token, idNumber?.canonical ?? phone?.canonical ?? null, nowMs);
}

/** Whether somebody behind the mask can be the one who is asked about, as far as that is said in plain. */
function fits(person: readonly LabelledToken[], { phone, id_number: idNumber }: SubjectTokens): boolean {
  return [phone, idNumber].every((given) => {
    const canonical = given?.canonical;
    return canonical == null || person.some(({ token }) => token === canonical);
  });
}

/** Everybody who is behind a mask and can be meant; who asks about nobody known is answered by their own words. */
async function peopleBehind(
  deps: IntakeDeps,
  lenders: readonly string[],
  masked: {
    readonly own: PersonFacts;
    readonly tokens: SubjectTokens;
    readonly behind: readonly (readonly LabelledToken[])[];
  },
): Promise<PrecheckFacts['people']> {
  const { own, tokens, behind } = masked;
  const meant = behind.filter((person) => fits(person, tokens));
  const [first, ...others] = await Promise.all(meant.map((person) => readPerson(deps, lenders, own, person)));
  return first === undefined ? [own] : [first, ...others];
}

/** What stands about somebody behind a mask, besides what was found by the question's own words. */
async function readPerson(
  deps: IntakeDeps,
  lenders: readonly string[],
  own: PersonFacts,
  person: readonly LabelledToken[],
): Promise<PersonFacts> {
  const asked = new Set([...own.claims.values()].flatMap((readings) => readings.map(({ token }) => token)));
  const known = new Set(own.listTokens.map(({ token }) => token));
  const { hashes } = deps.lists.parts.forms;
  const more = person.filter(
    (one): one is ListToken => hashes.some((form) => form === one.form) && !known.has(one.token),
  );
  const [claims, [entries = []]] = await Promise.all([
    readClaims(
      deps,
      lenders,
      person.flatMap(({ form, token }) => (form === CANONICAL_FORM && !asked.has(token) ? [token] : [])),
    ),
    // With the question's own tokens: only together they tell whether a listed phone is somebody else's.
    deps.lists.read([[...own.listTokens, ...more]]),
  ]);
  const both = lenders.map(
    (lender) => [lender, [...(own.claims.get(lender) ?? []), ...(claims.get(lender) ?? [])]] as const,
  );
  return { claims: new Map(both), listTokens: [...own.listTokens, ...more], entries };
}

function loadOnce({ store }: IntakeDeps): PrecheckFacts['load'] {
  let loaded: Map<string, Promise<Versioned | undefined>> | undefined;
  return (id) => {
    loaded ??= new Map();
    let one = loaded.get(id);
    if (one === undefined) {
      one = store.load(id);
      loaded.set(id, one);
    }
    return one;
  };
}
