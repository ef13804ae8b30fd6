import { z } from 'zod';
import { ID_KINDS } from './normalise-id-number.ts';

/** Longest texts that are looked at; whatever is longer is no identifier. */
const TEXT_MAX = { phone: 32, id_number: 40, bank_card: 40, device_id: 128, name: 128 } as const;

const md5 = z
  .string()
  .regex(/^[0-9a-f]{32}$/, 'must be 32 lower-case hex digits')
  .meta({
    description: 'MD5 of the normalised value, lower-case hex.',
    example: '7945bd83237335e5376ff44d62e4f0ae',
  });
const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits')
  .meta({
    description: 'SHA-256 of the normalised value, lower-case hex.',
    example: 'a6942f9771d67f34034d2f1926988ed3fad3bf1b4e7cedb9a31f31398dea43bc',
  });
const sm3 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits')
  .meta({
    description: 'SM3 of the normalised value, lower-case hex.',
    example: 'ee5e7b1cbf65495467be9ff49ac5fc14b6887547c1cd7f8856221b23f1efa062',
  });

const hashed = { md5: md5.optional(), sha256: sha256.optional(), sm3: sm3.optional() };

/** An identifier in plain, or as exactly one of its hashes, or masked. */
function identifier(name: keyof typeof TEXT_MAX, description: string, examples: { plain: string; masked: string }) {
  const masked = z
    .string()
    .max(TEXT_MAX[name])
    .regex(/^[^*＊]+[*＊]+$/, 'must be the first characters, then a * for each hidden one')
    .meta({ description: 'First characters, then a `*` for each hidden one.', example: examples.masked });
  const plain = z.string().min(1).max(TEXT_MAX[name]).meta({ description: 'In plain.', example: examples.plain });
  const hidden = z
    .strictObject({ ...hashed, masked: masked.optional() })
    .refine((value) => countGiven(value) === 1, 'give exactly one of md5, sha256, sm3, masked')
    .meta({ description: 'Exactly one of a hash of the normalised value (lower-case hex) or its masked form.' });
  return z.union([plain, hidden]).meta({ description });
}

export const phoneIdentifierSchema = identifier(
  'phone',
  'Phone number; hashed as the national number (mainland: 11 digits).',
  { plain: '13800138000', masked: '13800138***' },
);
export const idNumberIdentifierSchema = identifier(
  'id_number',
  'Identity document number; hashed in upper case. A mainland id unless `id_kind` says otherwise.',
  { plain: '11010519491231002X', masked: '11010519491231****' },
);
export const bankCardIdentifierSchema = identifier('bank_card', 'Bank card number, digits only when hashed.', {
  plain: '6222021234567890128',
  masked: '622202*************',
});
export const deviceIdIdentifierSchema = identifier('device_id', 'Device identifier; hashed in lower case.', {
  plain: '8d1f7f5c-6d3f-4b0e-9b57-0f5f8f0a7c11',
  masked: '8d1f7f5c****************************',
});
export const nameIdentifierSchema = identifier('name', "Applicant's name as on the identity document.", {
  plain: '张三',
  masked: '张*',
});
export const phoneIdIdentifierSchema = z
  .strictObject(hashed)
  .refine((value) => countGiven(value) === 1, 'give exactly one of md5, sha256, sm3')
  .meta({ description: 'Hash of the national phone directly followed by the upper-case id number.' });
export const idKindSchema = z
  .enum(ID_KINDS)
  .meta({ description: 'Kind of identity document; `cn_resident` when absent.', example: 'cn_resident' });

/** A person or device as identifiers, as it stands on the wire. At least one identifier beside the name is needed. */
export const subjectSchema = z
  .object({
    phone: phoneIdentifierSchema.optional(),
    id_number: idNumberIdentifierSchema.optional(),
    id_kind: idKindSchema.optional(),
    phone_id: phoneIdIdentifierSchema.optional(),
    bank_card: bankCardIdentifierSchema.optional(),
    device_id: deviceIdIdentifierSchema.optional(),
    name: nameIdentifierSchema.optional(),
  })
  .refine(
    (subject) =>
      [subject.phone, subject.id_number, subject.phone_id, subject.bank_card, subject.device_id].some(
        (given) => given !== undefined,
      ),
    'must hold at least one of phone, id_number, phone_id, bank_card, device_id',
  )
  .meta({ description: 'A person or device as identifiers: plain, hashed or masked.' });

export type Subject = z.infer<typeof subjectSchema>;
/** One identifier of a subject as it stands on the wire. */
export type SubjectIdentifier = NonNullable<Subject['phone']>;

function countGiven(forms: Record<string, string | undefined>): number {
  return Object.values(forms).filter((value) => value !== undefined).length;
}
