import { z } from 'zod';
import { createPeople, type People, type Person } from '../demo/people.ts';
import { ageAt } from '../identity/age.ts';
import { expectAnswer, type TrialPartner } from './trial-gateway.ts';
import type { TrialProduct } from './trial-product.ts';

/** Ages that no product leaves out. */
const AGE_MIN = 28;
const AGE_MAX = 40;
/** Ages stay years away from any bound, so the zone matters little. */
const TIME_ZONE = 'Asia/Shanghai';
const TRIED_MAX = 300;
const ALWAYS = ['name', 'id_number', 'phone'];
/** A reserved ending plays a part; a word stands for anybody else. */
const ENDING = /^\d{4}$/;

/** Invents a trial's people: the same seed in the same year of business time gives the same ones. */
export class TrialPeople {
  readonly #people: People;
  readonly #nowMs: number;
  readonly #excluded: readonly string[];

  constructor(seed: string, nowMs: number, product: TrialProduct) {
    this.#people = createPeople(`trial/${seed}`, new Date(Date.UTC(new Date(nowMs).getUTCFullYear(), 0, 1)));
    this.#nowMs = nowMs;
    this.#excluded = product.regions_excluded;
  }

  /** Somebody whom the product does not leave out. @param key of a story */
  next(key: string): Person {
    for (let tried = 0; tried < TRIED_MAX; tried += 1) {
      const person = this.#people.next(ENDING.test(key) ? { phoneSuffix: key } : {});
      const age = ageAt(person.birthDate, this.#nowMs, TIME_ZONE);
      const isLeftOut = this.#excluded.some((region) => person.region.startsWith(region));
      if (age >= AGE_MIN && age <= AGE_MAX && !isLeftOut) return person;
    }
    throw new RangeError('nobody who was invented fits the product');
  }
}

/** Everything that a product, or an action, may ask of somebody; each field of the catalogue has its answer. */
function wholeProfile({ name, idNumber, phone, region, bankCard }: Person): Readonly<Record<string, unknown>> {
  return {
    name,
    id_number: idNumber,
    phone,
    phone_verified_at: '2026-01-01T00:00:00.000Z',
    email: 'trial@mail.example',
    id_card: {
      valid_from: '2020-01-01',
      valid_to: '2040-01-01',
      issuer: '某某市公安局',
      address: '建国路 88 号',
      ethnicity: '汉',
    },
    education: 'bachelor',
    marital_status: 'married',
    residence: { region, address: '建国路 88 号' },
    employment: {
      status: 'employed',
      employer: '某某科技有限公司',
      region,
      address: '科技园 1 号',
      phone: '010-66554433',
      since: '2020-07-01',
    },
    income: { monthly: { amount: 980_000, currency: 'CNY' }, paid_by: 'bank' },
    assets: { housing: 'mortgaged', car: 'none', provident_fund: true, social_insurance: true, credit_card: true },
    contacts: [{ relation: 'sibling', name: '李四', phone: '13800138000' }],
    bank_card: { number: bankCard.number, bank_code: bankCard.bankCode, phone },
  };
}

/** Fields of the applicant by their names in the catalogue, as they are sent. */
export function applicantFields(person: Person, names: readonly string[]): Record<string, unknown> {
  const profile = wholeProfile(person);
  const applicant: Record<string, unknown> = {};
  for (const name of names) {
    const [group = '', field] = name.split('.');
    const whole = profile[group];
    if (field === undefined) applicant[group] = whole;
    else applicant[group] = { ...(applicant[group] as object | undefined), [field]: partOf(whole, field) };
  }
  return applicant;
}

/** The applicant of `POST /v1/applications`. */
export function wholeApplicant(product: TrialProduct, person: Person): Record<string, unknown> {
  return applicantFields(person, [...new Set([...ALWAYS, ...product.requirements.applicant])]);
}

/** Checks as if they had been made. */
export function verificationsOf(kinds: readonly string[], at: string) {
  return kinds.map((kind) => ({ kind, provider: 'sluice-trial', result: 'pass', at }));
}

const uploadedSchema = z.object({ id: z.string() });
const BOUNDARY = 'sluice-trial-boundary';

/**
 * Uploads a page of nothing for each kind of document that is asked for.
 * @throws TrialCannotRunError when the gateway does not take one
 */
export async function uploadDocuments(partner: TrialPartner, kinds: readonly string[], mark: string) {
  return Promise.all(
    kinds.map(async (kind) => {
      const file = `%PDF-1.4\n% ${mark} ${kind}\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n`;
      const parts = [
        `--${BOUNDARY}\r\nContent-Disposition: form-data; name="kind"\r\n\r\n${kind}\r\n`,
        `--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="trial.pdf"\r\n`,
        `Content-Type: application/pdf\r\n\r\n${file}\r\n--${BOUNDARY}--\r\n`,
      ];
      const type = `multipart/form-data; boundary=${BOUNDARY}`;
      const answer = await partner.upload('/v1/documents', { type, text: parts.join('') });
      const { id } = expectAnswer(`a document of kind ${kind}`, answer, [200, 201], uploadedSchema);
      return { kind, document_id: id };
    }),
  );
}

function partOf(whole: unknown, field: string): unknown {
  return (whole as Readonly<Record<string, unknown>> | undefined)?.[field];
}
