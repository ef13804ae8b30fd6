import type { RegisteredProduct } from '../../registry/registry.ts';
import { EMPLOYMENT_STATUSES } from '../../registry/schema/field-catalogue.ts';
import type { FieldCheck } from './check-field.ts';
import { fieldLabels, type Text } from './field-labels.ts';
import { provinces } from './provinces.ts';

/** One input of the form, named as in the field catalogue. */
export interface PageField {
  readonly name: string;
  readonly kind: 'text' | 'tel' | 'email' | 'date' | 'money' | 'yes_no' | 'select';
  readonly check: FieldCheck;
  readonly label: Text;
  readonly options: readonly string[];
  readonly autocomplete: string;
}

type Check = FieldCheck | 'money' | 'choice';
type Spec = readonly [kind: PageField['kind'], check: Check, autocomplete?: string, options?: readonly string[]];

const HOMES = ['none', 'mortgaged', 'owned'];
const REGION: Spec = ['select', 'choice', 'off', Object.keys(provinces)];
const YES_NO: Spec = ['yes_no', 'choice', 'off', ['yes', 'no']];
const DATE: FieldCheck = { kind: 'date' };
const ANY_PHONE: FieldCheck = { kind: 'any_phone' };

/** Longest texts as in the field catalogue. */
function upTo(max: number): FieldCheck {
  return { kind: 'text', max };
}

const SPECS: Readonly<Record<string, Spec>> = {
  name: ['text', { kind: 'name' }, 'name'],
  id_number: ['text', { kind: 'id_number' }],
  phone: ['tel', { kind: 'phone' }, 'tel'],
  email: ['email', { kind: 'email' }, 'email'],
  'id_card.valid_from': ['date', DATE],
  'id_card.valid_to': ['text', { kind: 'date_or_long' }],
  'id_card.issuer': ['text', upTo(100)],
  'id_card.address': ['text', upTo(200), 'street-address'],
  'id_card.ethnicity': ['text', upTo(32)],
  education: [
    'select',
    'choice',
    'off',
    ['junior', 'secondary', 'high_school', 'college', 'bachelor', 'master', 'doctor'],
  ],
  marital_status: ['select', 'choice', 'off', ['single', 'married', 'divorced', 'widowed', 'other']],
  'residence.region': REGION,
  'residence.address': ['text', upTo(200), 'street-address'],
  'employment.status': ['select', 'choice', 'off', EMPLOYMENT_STATUSES],
  'employment.employer': ['text', upTo(200), 'organization'],
  'employment.region': REGION,
  'employment.address': ['text', upTo(200)],
  'employment.phone': ['tel', ANY_PHONE],
  'employment.since': ['date', DATE],
  'income.monthly': ['money', 'money'],
  'income.paid_by': ['select', 'choice', 'off', ['bank', 'cash', 'mixed']],
  'assets.housing': ['select', 'choice', 'off', HOMES],
  'assets.car': ['select', 'choice', 'off', HOMES],
  'assets.provident_fund': YES_NO,
  'assets.social_insurance': YES_NO,
  'assets.credit_card': YES_NO,
  'contacts.0.relation': [
    'select',
    'choice',
    'off',
    ['spouse', 'parent', 'child', 'sibling', 'relative', 'friend', 'colleague'],
  ],
  'contacts.0.name': ['text', upTo(64)],
  'contacts.0.phone': ['tel', ANY_PHONE],
  'bank_card.number': ['text', { kind: 'bank_card' }, 'cc-number'],
  'bank_card.bank_code': ['text', { kind: 'bank_code' }],
  'bank_card.phone': ['tel', { kind: 'phone' }],
};

/** Inputs that every form has, and what verification fills in. */
const ALWAYS = new Set(['name', 'id_number', 'phone', 'phone_verified_at']);

/** The inputs that a product asks for beyond name, id number and phone; a whole group means each of its fields. */
export function extraFields(product: Pick<RegisteredProduct, 'requirements' | 'currency'>): PageField[] {
  const names = product.requirements.applicant.filter((name) => !ALWAYS.has(name));
  return pageFields(names, product.currency);
}

/** Inputs for names of the field catalogue; a whole group means each of its fields. What has no input is left out. */
export function pageFields(names: readonly string[], currency: string): PageField[] {
  const known = names.flatMap((name) =>
    name in SPECS ? [name] : Object.keys(SPECS).filter((candidate) => candidate.startsWith(`${name}.`)),
  );
  return [...new Set(known)].flatMap((name) => {
    const spec = SPECS[name];
    if (spec === undefined) return [];
    const [kind, given, autocomplete = 'off', options = []] = spec;
    const check: FieldCheck =
      given === 'money' ? { kind: 'money', currency } : given === 'choice' ? { kind: 'choice', options } : given;
    return { name, kind, check, autocomplete, options, label: fieldLabels[name] ?? { en: name, zh: name } };
  });
}

/** Whether the page has an input for a name of the catalogue. */
export function hasInput(name: string): boolean {
  return name in SPECS || Object.keys(SPECS).some((candidate) => candidate.startsWith(`${name}.`));
}
