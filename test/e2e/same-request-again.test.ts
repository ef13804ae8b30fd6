import { rmSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ApplicationInput } from '../../src/intake/application-input.ts';
import { editedPartners, NOBODY_LISTENS } from '../support/edited-partners.ts';
import { startTestGateway, type TestGateway } from '../support/gateway.ts';
import { applicationFor, nextPerson } from '../support/intake.ts';
import type { Answer } from '../support/partner-door.ts';

let partnersDir: string;
let gateway: TestGateway;

beforeAll(async () => {
  partnersDir = editedPartners(NOBODY_LISTENS);
  gateway = await startTestGateway({ variables: { SLUICE_PARTNERS: partnersDir } });
});
afterAll(async () => {
  await gateway.stop();
  rmSync(partnersDir, { recursive: true, force: true });
});

let refs = 0;
function freshInput(): ApplicationInput {
  refs += 1;
  return applicationFor(gateway.gateway.rooms.intake.registry(), nextPerson(), `AGAIN-${refs}`);
}

const isReplay = ({ headers }: Answer): boolean => headers.get('idempotent-replayed') === 'true';

describe('the same request again', () => {
  /** The same application in other words. */
  const restated: Readonly<Record<string, (input: ApplicationInput) => unknown>> = {
    'another device, from another address': (input) => ({
      ...input,
      device: { id: 'd-2', id_kind: 'web', os: 'android', ip: '203.0.113.9', user_agent: 'x' },
    }),
    'consents given at another moment': (input) => ({
      ...input,
      consents: input.consents?.map((consent) => ({
        ...consent,
        accepted_at: '2026-03-02T03:59:59.000Z',
        ip: '203.0.113.9',
      })),
    }),
    'no consents at all': (input) => ({ ...input, consents: [] }),
    'other sub ids': (input) => ({ ...input, sub_ids: { sub1: 'b', sub2: 'c' } }),
    'another user, click and return address': (input) => ({
      ...input,
      partner_user_ref: 'U2',
      click_id: 'clk_0000000000000000000000000000000000',
      return_url: 'https://acme.example/other',
    }),
    'more of a profile': (input) => ({ ...input, applicant: { ...input.applicant, education: 'master' } }),
    'documents and verifications': (input) => ({ ...input, documents: [], verifications: [] }),
    'a phone with +86': (input) => withApplicant(input, 'phone', (phone) => `+86${phone}`),
    'a phone with 0086 and spaces': (input) =>
      withApplicant(input, 'phone', (phone) => `0086 ${phone.slice(0, 3)} ${phone.slice(3, 7)} ${phone.slice(7)}`),
    'a phone with (86) and dashes': (input) =>
      withApplicant(input, 'phone', (phone) => `(86) ${phone.slice(0, 3)}-${phone.slice(3, 7)}-${phone.slice(7)}`),
    'a phone in full-width digits': (input) => withApplicant(input, 'phone', fullWidth),
    'an id number in groups, its X in lower case': (input) =>
      withApplicant(input, 'id_number', (id) => `${id.slice(0, 6)} ${id.slice(6, 14)} ${id.slice(14).toLowerCase()}`),
    'a name with a space between its characters': (input) =>
      withApplicant(input, 'name', (name) => [...name].join(' ')),
    'members in another order, an amount with decimals': (input) => {
      const { applicant, requested, ...rest } = input;
      const reversed = Object.fromEntries(Object.entries({ ...rest, requested, applicant }).toReversed());
      return JSON.stringify(reversed).replace(/("amount":)(\d+)/, '$1$2.0');
    },
    'an amount in scientific notation': (input) =>
      JSON.stringify(input).replace(/("amount":)(\d+)/, (_, name, amount) => `${name}${Number(amount) / 10_000}e4`),
  };

  test.each(Object.keys(restated))('with %s is the same', async (name) => {
    const input = freshInput();
    const first = await gateway.acme.post('/v1/applications', input);
    expect([first.status, isReplay(first)]).toEqual([201, false]);
    const changed = restated[name]?.(input);
    const body = typeof changed === 'string' ? changed : JSON.stringify(changed);
    expect(body).not.toBe(JSON.stringify(input));
    const again = await gateway.acme.send('POST', '/v1/applications', { body });
    expect([again.status, again.body, isReplay(again)]).toEqual([201, first.body, true]);
  });

  test.each([
    ['another amount', (input: ApplicationInput) => wish(input, { amount: { amount: 110_000, currency: 'CNY' } })],
    ['another term', (input: ApplicationInput) => wish(input, { term: input.requested.term === 3 ? 6 : 3 })],
    ['another purpose', (input: ApplicationInput) => wish(input, { purpose: 'medical' })],
    ['another product', (input: ApplicationInput) => ({ ...input, product_id: 'quick-flex' })],
    ['another name', (input: ApplicationInput) => withApplicant(input, 'name', () => '王五')],
    ['another phone', (input: ApplicationInput) => withApplicant(input, 'phone', () => nextPerson().phone)],
    ['another id number', (input: ApplicationInput) => withApplicant(input, 'id_number', () => nextPerson().idNumber)],
  ])('with %s is another: 422 idempotency_conflict, and nothing changes', async (_name, change) => {
    const input = freshInput();
    const first = await gateway.acme.post('/v1/applications', input);
    const conflict = await gateway.acme.post('/v1/applications', change(input));
    expect([conflict.status, conflict.body.code]).toEqual([422, 'idempotency_conflict']);
    expect(JSON.stringify(conflict.body)).not.toContain(String(input.applicant.phone));
    const again = await gateway.acme.post('/v1/applications', input);
    expect([again.status, again.body, isReplay(again)]).toEqual([201, first.body, true]);
  });

  test("another partner's same reference is an application of its own", async () => {
    const input = freshInput();
    const [mine, theirs] = await Promise.all(
      [gateway.acme, gateway.summit].map((client) => client.post('/v1/applications', input)),
    );
    expect([mine?.status, theirs?.status]).toEqual([201, 201]);
    expect(mine?.body.id).not.toBe(theirs?.body.id);
  });
});

function withApplicant(input: ApplicationInput, field: string, change: (text: string) => string): ApplicationInput {
  return { ...input, applicant: { ...input.applicant, [field]: change(String(input.applicant[field])) } };
}

function wish(input: ApplicationInput, change: Partial<ApplicationInput['requested']>): ApplicationInput {
  return { ...input, requested: { ...input.requested, ...change } };
}

function fullWidth(text: string): string {
  return text.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
}
