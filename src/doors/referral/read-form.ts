import type { Money } from '../../applications/model.ts';
import { memberAt } from '../../base/member-at.ts';
import type { Language } from '../../http/accept-language.ts';
import type { RegisteredProduct } from '../../registry/registry.ts';
import { applicantSchema } from '../schemas/applicant-schema.ts';
import type { PageAgreement } from './agreements.ts';
import { type FieldCheck, type FieldFault, fieldFault, LONG } from './check-field.ts';
import { extraFields, type PageField } from './page-fields.ts';
import { readMajor, shownMoney } from './page-money.ts';
import { say } from './page-texts.ts';

/** What people typed, by input name; kept as typed, so that the form can be shown again. */
export type Typed = Readonly<Record<string, string>>;
/** What is wrong, by input name, in the order of the form. */
export type FieldFaults = Readonly<Record<string, string>>;

export interface ReadForm {
  readonly faults: FieldFaults;
  readonly applicant: Readonly<Record<string, unknown>>;
  readonly requested: {
    readonly amount: Money;
    readonly term: number;
    readonly term_unit: 'month' | 'day';
    readonly purpose: string;
  };
}

/** Asked where a product allows any purpose. */
const ANY_PURPOSE = ['consumption', 'education', 'renovation', 'travel', 'medical', 'other'];
const TYPED_MAX = 500;

export function purposesOf(product: RegisteredProduct): readonly string[] {
  return product.eligibility.purposes.length > 0 ? product.eligibility.purposes : ANY_PURPOSE;
}

/** Every input of the form as typed, one value each. */
export function typedOf(body: URLSearchParams): Typed {
  const typed: Record<string, string> = Object.create(null);
  for (const [name, value] of body) typed[name] ??= value.slice(0, TYPED_MAX).trim();
  return typed;
}

/** One input of the form and how it is checked, in the order of the form. */
export interface CheckedField {
  readonly name: string;
  readonly check: FieldCheck;
}

/** Every input of a product's form but the code and the agreements. */
export function checkedFields(product: RegisteredProduct): CheckedField[] {
  const { min, max, step } = product.amount;
  const terms = product.term.options.map(String);
  return [
    { name: 'amount', check: { kind: 'amount', currency: product.currency, min, max, step } },
    { name: 'term', check: { kind: 'choice', options: terms } },
    { name: 'purpose', check: { kind: 'choice', options: purposesOf(product) } },
    { name: 'name', check: { kind: 'name' } },
    { name: 'id_number', check: { kind: 'id_number' } },
    { name: 'phone', check: { kind: 'phone' } },
    ...extraFields(product).map(({ name, check }) => ({ name, check })),
  ];
}

/**
 * Reads the form and says what is wrong with it, beside the input where it is wrong.
 * @param onlyGiven what is still empty is no fault yet: the code is asked for first
 */
export function readForm(typed: Typed, product: RegisteredProduct, language: Language, onlyGiven: boolean): ReadForm {
  const faults: Record<string, string> = {};
  for (const { name, check } of checkedFields(product)) {
    const text = typed[name] ?? '';
    if (text === '' && onlyGiven) continue;
    const fault = fieldFault(check, text);
    if (fault !== undefined) faults[name] = faultText(fault, product, language);
  }
  const extras = extraFields(product);
  const applicant = applicantOf(typed, extras, product.currency);
  addCatalogueFaults(applicant, extras, faults, language);
  return {
    faults,
    applicant,
    requested: {
      amount: { amount: readMajor(typed.amount ?? '', product.currency) ?? 0, currency: product.currency },
      term: Number(typed.term ?? ''),
      term_unit: product.term.unit,
      purpose: typed.purpose ?? '',
    },
  };
}

/** What is wrong, in words. */
export function faultText(fault: FieldFault, product: RegisteredProduct, language: Language): string {
  return say(fault, language, amountWords(product, language));
}

/** The agreements that were ticked: each by its own box, or all by one that stands for all. */
export function tickedOf(body: URLSearchParams, agreements: readonly PageAgreement[]): ReadonlySet<string> {
  const given = new Set(body.getAll('consent').filter((value) => value !== ''));
  const named = agreements.map(({ document }) => document);
  const isForAll = given.size > 0 && !named.some((document) => given.has(document));
  return new Set(named.filter((document) => isForAll || given.has(document)));
}

/** The words of an amount's limits. */
export function amountWords(
  product: RegisteredProduct,
  language: Language,
): { min: string; max: string; step: string } {
  const { min, max, step } = product.amount;
  const words = (minor: number): string => shownMoney(minor, product.currency, language);
  return { min: words(min), max: words(max), step: words(step) };
}

/** What the field catalogue does not take, whatever the checks above say of it. */
function addCatalogueFaults(
  applicant: Readonly<Record<string, unknown>>,
  extras: readonly PageField[],
  faults: Record<string, string>,
  language: Language,
): void {
  const parsed = applicantSchema.safeParse(applicant);
  const wrong = parsed.success ? [] : parsed.error.issues.map((issue) => issue.path.join('.'));
  for (const { name } of extras) {
    // A contact of whom only one part is written yet is not wrong, but unfinished.
    if (faults[name] !== undefined || memberAt(applicant, name) === undefined) continue;
    if (wrong.some((path) => path === name || path.startsWith(`${name}.`)))
      faults[name] = say('valueInvalid', language);
  }
}

/** The applicant as the catalogue writes it, from inputs named by dotted paths. */
export function applicantOf(typed: Typed, extras: readonly PageField[], currency: string): Record<string, unknown> {
  const applicant: Record<string, unknown> = {};
  for (const name of ['name', 'id_number', 'phone']) if (typed[name]) applicant[name] = typed[name];
  for (const field of extras) {
    const value = fieldValue(field, typed[field.name] ?? '', currency);
    if (value !== undefined) setAt(applicant, field.name.split('.'), value);
  }
  return applicant;
}

function fieldValue({ kind, options, check }: PageField, text: string, currency: string): unknown {
  if (text === '') return undefined;
  if (kind === 'yes_no') return text === 'yes' ? true : text === 'no' ? false : undefined;
  if (kind === 'select') return options.includes(text) ? text : undefined;
  if (check.kind === 'bank_code') return text.toUpperCase();
  if (check.kind === 'date_or_long' && LONG.test(text)) return 'long';
  if (kind !== 'money') return text;
  const amount = readMajor(text, currency);
  return amount === null ? undefined : { amount, currency };
}

/** `contacts.0.name` makes a list of one contact. Names come from our own table, never from the request. */
function setAt(target: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const [head = '', ...rest] = path;
  if (rest.length === 0) {
    target[head] = value;
    return;
  }
  target[head] ??= rest[0] === '0' ? [] : {};
  setAt(target[head] as Record<string, unknown>, rest, value);
}
