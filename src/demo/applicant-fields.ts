import type { RegisteredProduct } from '../registry/registry.ts';
import type { Person } from './people.ts';

/** One field of the catalogue as an invented applicant answers it: on the wire, and typed into a form. */
interface Answer {
  readonly wire: unknown;
  readonly typed: string;
}

const MONTHLY_INCOME = { amount: 980_000, currency: 'CNY' };

const ANSWERS: Readonly<Record<string, (person: Person) => Answer>> = {
  name: ({ name }) => same(name),
  id_number: ({ idNumber }) => same(idNumber),
  phone: ({ phone }) => same(phone),
  education: () => same('bachelor'),
  marital_status: () => same('married'),
  'residence.region': ({ region }) => same(region),
  'residence.address': () => same('建国路 88 号'),
  'employment.status': () => same('employed'),
  'employment.employer': () => same('某某科技有限公司'),
  'income.monthly': () => ({ wire: MONTHLY_INCOME, typed: '9800' }),
  'income.paid_by': () => same('bank'),
};

const ALWAYS = ['name', 'id_number', 'phone'];

/** Whether the demo's people can give all that a product asks for. */
export function canBeAskedOf({ requirements }: RegisteredProduct): boolean {
  const { applicant, documents, verifications } = requirements;
  return documents.length === 0 && verifications.length === 0 && applicant.every((name) => name in ANSWERS);
}

/** The applicant of `POST /v1/applications`: what the product requires. */
export function wireApplicant(product: RegisteredProduct, person: Person): Record<string, unknown> {
  const applicant: Record<string, unknown> = {};
  for (const name of fieldsOf(product)) {
    const [group = '', field] = name.split('.');
    const value = ANSWERS[name]?.(person).wire;
    applicant[group] = field === undefined ? value : { ...(applicant[group] as object | undefined), [field]: value };
  }
  return applicant;
}

/** The same as typed into the hosted page, by name of input. */
export function typedApplicant(product: RegisteredProduct, person: Person): Record<string, string> {
  return Object.fromEntries(fieldsOf(product).map((name) => [name, ANSWERS[name]?.(person).typed ?? '']));
}

function fieldsOf({ requirements }: RegisteredProduct): string[] {
  return [...new Set([...ALWAYS, ...requirements.applicant])];
}

function same(value: string): Answer {
  return { wire: value, typed: value };
}
