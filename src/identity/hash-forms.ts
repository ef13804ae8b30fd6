import { hash } from 'node:crypto';

/** The hashes that partners exchange identities in. */
export const HASH_FORMS = ['md5', 'sha256', 'sm3'] as const;
export type HashForm = (typeof HASH_FORMS)[number];

/** The form whose token stands for a person who is known in plain. */
export const CANONICAL_FORM = 'sha256' satisfies HashForm;

/** Every hash form of one normalised identifier, lower-case hex. */
export type HashForms = Record<HashForm, string>;

/** All forms of a normalised identifier (national phone, upper-case id number, …), over its UTF-8 bytes. */
export function hashForms(normalised: string): HashForms {
  return { md5: hash('md5', normalised), sha256: hash('sha256', normalised), sm3: hash('sm3', normalised) };
}

/** All forms of `phone_id`: the hash of the national phone directly followed by the upper-case id number. */
export function phoneIdForms(nationalPhone: string, idNumber: string): HashForms {
  return hashForms(nationalPhone + idNumber);
}
