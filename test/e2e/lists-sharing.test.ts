import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Person } from '../../src/demo/people.ts';
import { hashForms } from '../../src/identity/hash-forms.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { nextPerson } from '../support/intake.ts';
import { listsClient } from '../support/lists-wire.ts';
import type { Answer, PartnerClient } from '../support/partner-door.ts';

const INSTITUTIONS = ['riverbank', 'bluewave', 'quickcredit', 'acme', 'summit'] as const;
type Institution = (typeof INSTITUTIONS)[number];

let gateway: TestGateway;
let people: readonly Person[];
beforeAll(async () => {
  gateway = await startTestGateway();
  people = Array.from({ length: 3 }, () => nextPerson());
});
afterAll(() => gateway.stop());

const isPartner = (who: Institution): who is 'acme' | 'summit' => who === 'acme' || who === 'summit';
const clientOf = (who: Institution): PartnerClient => (isPartner(who) ? gateway[who] : gateway.lender(who));
const doorOf = (who: Institution): string => (isPartner(who) ? '/v1' : '/lender/v1');
const groupOf = (who: Institution, person: number): string => `group-of-${who}-${person}`;
const noteOf = (who: Institution): string => `a remark by ${who}`;

const actionArbitrary = fc.record({
  who: fc.constantFrom(...INSTITUTIONS),
  what: fc.constantFrom('contribute', 'withdraw', 'check', 'changes', 'object', 'appeals', 'answer'),
  person: fc.nat(2),
  scope: fc.constantFrom('own', 'funder:harbour', 'funder:north', 'lender:riverbank', 'partner:acme'),
  list: fc.constantFrom('block', 'trust'),
  form: fc.constantFrom('plain', 'md5', 'both'),
  verdict: fc.constantFrom('withdraw', 'correct', 'uphold'),
});
type Action = typeof actionArbitrary extends fc.Arbitrary<infer T> ? T : never;

function entriesOf({ who, person, scope, list, form }: Action): object[] {
  const { phone, idNumber } = people[person] ?? nextPerson();
  const own = `${isPartner(who) ? 'partner' : 'lender'}:${who}`;
  const common = {
    list,
    scope: scope === 'own' ? own : scope,
    reason: 'other',
    group: groupOf(who, person),
    note: noteOf(who),
  };
  const subject = { phone: form === 'md5' ? { md5: hashForms(phone).md5 } : phone };
  return form === 'both'
    ? [
        { subject, ...common },
        { subject: { id_number: idNumber }, ...common },
      ]
    : [{ subject, ...common }];
}

function subjectOf({ person, form }: Action): object {
  const { phone, idNumber } = people[person] ?? nextPerson();
  if (form === 'md5') return { phone: { md5: hashForms(phone).md5 } };
  return form === 'both' ? { phone, id_number: idNumber } : { phone };
}

async function act(action: Action): Promise<Answer[]> {
  const { who, what } = action;
  const client = clientOf(who);
  const door = doorOf(who);
  const lists = listsClient(client, door);
  if (what === 'contribute') return [await lists.contribute(...entriesOf(action))];
  if (what === 'withdraw') return [await lists.withdraw(...entriesOf(action))];
  if (what === 'check') return [await lists.check(subjectOf(action))];
  if (what === 'changes' || isPartner(who)) return [await client.get(`${door}/lists/changes?limit=200`)];
  if (what === 'object') return [await client.post(`${door}/appeals`, { subject: subjectOf(action), claim: 'wrong' })];
  const listed = await client.get(`${door}/appeals?limit=200`);
  const [open] = (listed.body.data as { id: string; status: string; entries: unknown[] }[]).filter(
    ({ status, entries }) => status !== 'answered' && entries.length > 0,
  );
  if (what === 'appeals' || open === undefined) return [listed];
  const correction = action.verdict === 'correct' ? { note: noteOf(who) } : undefined;
  const body = { verdict: action.verdict, reason: 'looked at it', correction };
  const answered = await client.post(`${door}/appeals/${open.id}/answer`, body);
  return [listed, answered, await client.get(`${door}/appeals/${open.id}`)];
}

test('no answer to a partner or a lender shows another institution as contributor, its group or its note', async () => {
  const counted = { answers: 0, suspended: 0, answered: 0 };
  await fc.assert(
    fc.asyncProperty(fc.array(actionArbitrary, { minLength: 8, maxLength: 24 }), async (actions) => {
      for (const action of actions) {
        for (const { status, body, headers } of await act(action)) {
          // On a loaded machine the store may be away for a moment, which is no answer about anybody.
          if (status !== 503) expect(status, JSON.stringify(body)).toBeLessThan(500);
          const text = JSON.stringify(body) + JSON.stringify([...headers]);
          counted.answers += 1;
          if (text.includes('"suspended"')) counted.suspended += 1;
          if (text.includes('"answered"')) counted.answered += 1;
          for (const other of INSTITUTIONS.filter((one) => one !== action.who))
            expect(text, other).not.toContain(other);
          for (const hidden of ['operator', 'gateway"']) expect(text).not.toContain(hidden);
        }
      }
    }),
    { numRuns: 25 },
  );
  // It was about something: appeals were opened over others' entries and answered.
  expect(counted.suspended).toBeGreaterThan(0);
  expect(counted.answered).toBeGreaterThan(0);
});
