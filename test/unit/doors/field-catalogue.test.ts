import { z } from '@hono/zod-openapi';
import { describe, expect, test } from 'vitest';
import { applicantSchema, partialApplicantSchema, profileSchema } from '../../../src/doors/schemas/applicant-schema.ts';
import { APPLICANT_FIELDS } from '../../../src/registry/schema/field-catalogue.ts';
import { productSchema } from '../../../src/registry/schema/product.ts';

/** Says what kind of document `id_number` is; nobody asks for it by itself. */
const QUALIFIERS = ['id_kind'];
/** Stands in `subject` where somebody is only asked about. */
const IDENTITY = ['name', 'id_number', 'phone'];

/** Dotted names of everything that a schema takes; a list is one field. */
function pathsOf(schema: unknown, prefix = ''): string[] {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return pathsOf(schema.unwrap(), prefix);
  if (!(schema instanceof z.ZodObject)) return [];
  return Object.entries(schema.shape as Readonly<Record<string, unknown>>).flatMap(([name, field]) => {
    // Money is one value.
    const parts = name === 'monthly' ? [] : pathsOf(field, `${prefix}${name}.`);
    return QUALIFIERS.includes(name) ? [] : [`${prefix}${name}`, ...parts];
  });
}

describe('one field catalogue', () => {
  test.each([
    ['applicant', applicantSchema],
    ['a supplement', partialApplicantSchema],
  ])('%s takes every name that a product may require, and no other', (_, schema) => {
    expect(pathsOf(schema).sort()).toEqual([...APPLICANT_FIELDS].sort());
  });

  test('a profile takes the same without identity, which stands in the subject', () => {
    const others = APPLICANT_FIELDS.filter((name) => !IDENTITY.includes(name));
    expect(pathsOf(profileSchema).sort()).toEqual([...others].sort());
  });

  test('a product may require each of them', () => {
    const { requirements } = productSchema.shape;
    expect(requirements.parse({ applicant: [...APPLICANT_FIELDS] }).applicant).toEqual([...APPLICANT_FIELDS]);
    expect(requirements.safeParse({ applicant: ['shoe_size'] }).success).toBe(false);
  });
});

const FULL = {
  name: '张三',
  id_number: '11010519491231002X',
  phone: '13800138000',
  phone_verified_at: '2026-01-01T00:00:00.000Z',
  email: 'zhang@example.com',
  id_card: { valid_from: '2016-05-01', valid_to: 'long', issuer: '北京', address: '北京市', ethnicity: '汉' },
  education: 'bachelor',
  marital_status: 'single',
  residence: { region: '110105', address: '建国路' },
  employment: {
    status: 'employed',
    employer: '某某公司',
    region: '110105',
    address: '建国路',
    phone: '010-66554433',
    since: '2020-07-01',
  },
  income: { monthly: { amount: 800_000, currency: 'CNY' }, paid_by: 'bank' },
  assets: { housing: 'mortgaged', car: 'none', provident_fund: true, social_insurance: true, credit_card: false },
  contacts: [{ relation: 'spouse', name: '李四', phone: '13800138001' }],
  bank_card: { number: '6222021234567890128', bank_code: 'ICBC', phone: '13800138000' },
};

describe('the shapes', () => {
  test('take a complete applicant, and any part of one as a supplement', () => {
    expect(applicantSchema.safeParse(FULL).success).toBe(true);
    for (const [name, value] of Object.entries(FULL)) {
      expect(partialApplicantSchema.safeParse({ [name]: value }).error).toBeUndefined();
    }
    expect(partialApplicantSchema.safeParse({}).success).toBe(true);
  });

  test.each([
    ['a fourth contact', { contacts: Array.from({ length: 4 }, () => FULL.contacts[0]) }, ['contacts']],
    ['a mistyped card', { bank_card: { number: '6222021234567890127' } }, ['bank_card', 'number']],
    ['an id card that ends never and nowhere', { id_card: { valid_to: 'never' } }, ['id_card', 'valid_to']],
    ['a mistyped id number', { id_number: '110105194912310021' }, ['id_number']],
    ['a phone that is none', { phone: '123' }, ['phone']],
    ['an empty name', { name: '​' }, ['name']],
    ['income that is no money', { income: { monthly: 8000 } }, ['income', 'monthly']],
  ])('a supplement refuses %s, and says where', (_, part, path) => {
    const parsed = partialApplicantSchema.safeParse(part);
    expect(parsed.error?.issues.map((issue) => issue.path.slice(0, path.length))).toContainEqual(path);
  });
});
