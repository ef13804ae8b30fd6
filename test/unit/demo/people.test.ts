import { describe, expect, test } from 'vitest';
import { createPeople } from '../../../src/demo/people.ts';
import { createRandom } from '../../../src/demo/random.ts';
import { ageAt } from '../../../src/identity/age.ts';
import { normaliseSubject } from '../../../src/identity/normalise-subject.ts';

const now = new Date('2026-03-01T00:00:00Z');
const crowd = (seed: string, count: number) => {
  const people = createPeople(seed, now);
  return Array.from({ length: count }, () => people.next());
};

describe('invented people', () => {
  test('the same seed gives the same people, another seed others', () => {
    expect(crowd('a', 20)).toEqual(crowd('a', 20));
    expect(crowd('a', 20)).not.toEqual(crowd('b', 20));
  });

  test('every identifier passes its check and agrees with the person', () => {
    for (const person of crowd('checks', 2000)) {
      const subject = normaliseSubject({
        phone: person.phone,
        id_number: person.idNumber,
        bank_card: person.bankCard.number,
        name: person.name,
      });
      expect(subject).toMatchObject({
        ok: true,
        subject: {
          phone: { value: person.phone },
          name: { value: person.name },
          facts: { region: person.region, birthDate: person.birthDate, sex: person.sex },
        },
      });
      expect(person.region.startsWith('54')).toBe(false);
    }
  });

  test('everybody is 20 to 50 years old in every time zone', () => {
    for (const person of crowd('ages', 2000)) {
      for (const zone of ['Pacific/Kiritimati', 'Asia/Shanghai', 'Pacific/Midway']) {
        const age = ageAt(person.birthDate, now.getTime(), zone);
        expect(age >= 20 && age <= 50).toBe(true);
      }
    }
  });

  test('nobody shares a phone or an id number', () => {
    const people = crowd('unique', 5000);
    expect(new Set(people.map((person) => person.phone)).size).toBe(people.length);
    expect(new Set(people.map((person) => person.idNumber)).size).toBe(people.length);
  });

  test('a phone ends as asked; unasked, never in 0000 to 0099', () => {
    const people = createPeople('suffix', now);
    expect(people.next({ phoneSuffix: '0005' }).phone).toMatch(/0005$/);
    expect(crowd('plain', 2000).some((person) => /00\d\d$/.test(person.phone))).toBe(false);
    expect(() => people.next({ phoneSuffix: '5' })).toThrow(RangeError);
  });
});

describe('seeded chance', () => {
  test('stays within its bounds and reaches both', () => {
    const random = createRandom('dice');
    const drawn = new Set(Array.from({ length: 1000 }, () => random.integer(1, 6)));
    expect([...drawn].sort()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(() => random.pick([])).toThrow(RangeError);
  });
});
