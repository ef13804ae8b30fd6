import { createHash } from 'node:crypto';
import type { Person } from '../../src/demo/people.ts';
import type { Subject } from '../../src/identity/subject.ts';

/** Somebody as phone and id number in plain. */
export function plainOf({ phone, idNumber }: Person): Subject {
  return { phone, id_number: idNumber };
}

/** Somebody as the MD5 of the phone alone. */
export function md5Of({ phone }: Person): Subject {
  return { phone: { md5: md5(phone) } };
}

/** Somebody as the MD5 of phone and id number together. */
export function phoneIdOf({ phone, idNumber }: Person): Subject {
  return { phone_id: { md5: md5(phone + idNumber) } };
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
