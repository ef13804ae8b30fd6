import type { Money } from '../../applications/model.ts';
import type { Language } from '../../http/accept-language.ts';
import { normaliseSubject } from '../../identity/normalise-subject.ts';
import type { RegisteredProduct } from '../../registry/registry.ts';
import { applicantSchema } from '../schemas/applicant-schema.ts';
import type { PageAgreement } from './agreements.ts';
import { extraFields, type PageField } from './page-fields.ts';
import { readMajor, shownMoney } from './page-money.ts';
import { say, type TextName } from './page-texts.ts';

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

/**
 * Reads the form and says what is wrong with it, beside the input where it is wrong.
 * @param onlyGiven what is still empty is no fault yet: the code is asked for first
 */
export function readForm(typed: Typed, product: RegisteredProduct, language: Language, onlyGiven: boolean): ReadForm {
  const extras = extraFields(product);
  const faults = new Faults(typed, language, onlyGiven);
  const amount = readMajor(typed.amount ?? '', product.currency);
  const grid = product.amount;
  const fits = amount !== null && amount >= grid.min && amount <= grid.max && (amount - grid.min) % grid.step === 0;
  if (!fits) faults.add('amount', 'amountInvalid', amountWords(product, language));
  const term = Number(typed.term ?? '');
  if (!product.term.options.includes(term)) faults.add('term', 'chooseOne');
  const purpose = typed.purpose ?? '';
  if (!purposesOf(product).includes(purpose)) faults.add('purpose', 'chooseOne');
  addIdentityFaults(typed, faults);
  const applicant = applicantOf(typed, extras, product.currency);
  addExtraFaults(applicant, extras, faults);
  return {
    faults: faults.found,
    applicant,
    requested: {
      amount: { amount: amount ?? 0, currency: product.currency },
      term,
      term_unit: product.term.unit,
      purpose,
    },
  };
}

/** Whether every agreement was ticked: by its own box, or by one that stands for all. */
export function agreedToAll(body: URLSearchParams, agreements: readonly PageAgreement[]): boolean {
  const ticked = new Set(body.getAll('consent').filter((value) => value !== ''));
  const isNamed = (agreement: PageAgreement): boolean => ticked.has(agreement.document);
  return agreements.every(isNamed) || (ticked.size > 0 && !agreements.some(isNamed));
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

class Faults {
  readonly found: Record<string, string> = {};
  readonly #typed: Typed;
  readonly #language: Language;
  readonly #onlyGiven: boolean;

  constructor(typed: Typed, language: Language, onlyGiven: boolean) {
    this.#typed = typed;
    this.#language = language;
    this.#onlyGiven = onlyGiven;
  }

  add(name: string, why: TextName, values?: Readonly<Record<string, string>>): void {
    const isEmpty = !this.#typed[name];
    if ((isEmpty && this.#onlyGiven) || this.found[name] !== undefined) return;
    this.found[name] = say(isEmpty && why !== 'chooseOne' ? 'required' : why, this.#language, values);
  }
}

function addIdentityFaults(typed: Typed, faults: Faults): void {
  const words = { name: 'nameInvalid', id_number: 'idInvalid', phone: 'phoneInvalid' } as const;
  const { name = '', id_number = '', phone = '' } = typed;
  const read = normaliseSubject({
    name: name || undefined,
    id_number: id_number || undefined,
    phone: phone || undefined,
  });
  const wrong = read.ok ? [] : read.errors.map((error) => error.pointer.slice(1));
  for (const field of ['name', 'id_number', 'phone'] as const) {
    if (!typed[field] || wrong.includes(field)) faults.add(field, words[field]);
  }
}

function addExtraFaults(
  applicant: Readonly<Record<string, unknown>>,
  extras: readonly PageField[],
  faults: Faults,
): void {
  const parsed = applicantSchema.safeParse(applicant);
  const wrong = parsed.success ? [] : parsed.error.issues.map((issue) => issue.path.join('.'));
  for (const { name, kind } of extras) {
    const isMissing = valueAt(applicant, name) === undefined;
    const isWrong = wrong.some((path) => path === name || path.startsWith(`${name}.`));
    if (isMissing || isWrong) faults.add(name, kind === 'select' || kind === 'yes_no' ? 'chooseOne' : 'valueInvalid');
  }
}

/** The applicant as the catalogue writes it, from inputs named by dotted paths. */
function applicantOf(typed: Typed, extras: readonly PageField[], currency: string): Record<string, unknown> {
  const applicant: Record<string, unknown> = {};
  for (const name of ['name', 'id_number', 'phone']) if (typed[name]) applicant[name] = typed[name];
  for (const field of extras) {
    const value = fieldValue(field, typed[field.name] ?? '', currency);
    if (value !== undefined) setAt(applicant, field.name.split('.'), value);
  }
  return applicant;
}

function fieldValue({ kind, options }: PageField, text: string, currency: string): unknown {
  if (text === '') return undefined;
  if (kind === 'yes_no') return text === 'yes' ? true : text === 'no' ? false : undefined;
  if (kind === 'select') return options.includes(text) ? text : undefined;
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

function valueAt(value: unknown, dotted: string): unknown {
  return dotted
    .split('.')
    .reduce<unknown>(
      (at, name) => (at === undefined || at === null ? undefined : (at as Record<string, unknown>)[name]),
      value,
    );
}
