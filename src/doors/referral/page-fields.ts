import type { RegisteredProduct } from '../../registry/registry.ts';
import { fieldLabels, type Text } from './field-labels.ts';

/** One input of the form, named as in the field catalogue. */
export interface PageField {
  readonly name: string;
  readonly kind: 'text' | 'tel' | 'email' | 'date' | 'money' | 'yes_no' | 'select';
  readonly label: Text;
  readonly options: readonly string[];
  readonly autocomplete: string;
}

type Spec = readonly [kind: PageField['kind'], autocomplete?: string, options?: readonly string[]];

const HOMES = ['none', 'mortgaged', 'owned'];

const SPECS: Readonly<Record<string, Spec>> = {
  email: ['email', 'email'],
  'id_card.valid_from': ['date'],
  'id_card.valid_to': ['date'],
  'id_card.issuer': ['text'],
  'id_card.address': ['text', 'street-address'],
  'id_card.ethnicity': ['text'],
  education: ['select', 'off', ['junior', 'secondary', 'high_school', 'college', 'bachelor', 'master', 'doctor']],
  marital_status: ['select', 'off', ['single', 'married', 'divorced', 'widowed', 'other']],
  'residence.region': ['text'],
  'residence.address': ['text', 'street-address'],
  'employment.status': [
    'select',
    'off',
    ['employed', 'self_employed', 'business_owner', 'public_servant', 'freelance', 'student', 'retired', 'unemployed'],
  ],
  'employment.employer': ['text', 'organization'],
  'employment.region': ['text'],
  'employment.address': ['text'],
  'employment.phone': ['tel'],
  'employment.since': ['date'],
  'income.monthly': ['money'],
  'income.paid_by': ['select', 'off', ['bank', 'cash', 'mixed']],
  'assets.housing': ['select', 'off', HOMES],
  'assets.car': ['select', 'off', HOMES],
  'assets.provident_fund': ['yes_no'],
  'assets.social_insurance': ['yes_no'],
  'assets.credit_card': ['yes_no'],
  'contacts.0.relation': ['select', 'off', ['spouse', 'parent', 'child', 'sibling', 'relative', 'friend', 'colleague']],
  'contacts.0.name': ['text'],
  'contacts.0.phone': ['tel'],
  'bank_card.number': ['text', 'cc-number'],
  'bank_card.bank_code': ['text'],
  'bank_card.phone': ['tel'],
};

/** Inputs that every form has, and what verification fills in. */
const ALWAYS = new Set(['name', 'id_number', 'phone', 'phone_verified_at']);

/** The inputs that a product asks for beyond name, id number and phone; a whole group means each of its fields. */
export function extraFields(product: RegisteredProduct): PageField[] {
  const names = product.requirements.applicant
    .filter((name) => !ALWAYS.has(name))
    .flatMap((name) =>
      name in SPECS ? [name] : Object.keys(SPECS).filter((candidate) => candidate.startsWith(`${name}.`)),
    );
  return [...new Set(names)].map((name) => {
    const [kind, autocomplete = 'off', options = []] = SPECS[name] ?? ['text'];
    const choices = kind === 'yes_no' ? ['yes', 'no'] : options;
    return { name, kind, autocomplete, options: choices, label: fieldLabels[name] ?? { en: name, zh: name } };
  });
}
