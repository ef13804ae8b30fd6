import { fillForm, readHtmlForm } from '../../src/demo/html-form.ts';
import type { Person } from '../../src/demo/people.ts';
import { hashForms, phoneIdForms } from '../../src/identity/hash-forms.ts';
import type { Registry } from '../../src/registry/registry.ts';
import { applicationFor, nextPerson } from './intake.ts';
import type { LoggedGateway } from './logged-gateway.ts';

const BROWSER = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36';
const RARE = [...'龘靐齉爩鱻麤龗灪籱饢驫纞虋讟钃'];

/** An invented applicant with everything that is asked of anybody, every value distinctive. */
export interface RichPerson extends Person {
  readonly deviceId: string;
  readonly email: string;
  readonly addresses: readonly string[];
  readonly employer: string;
  readonly contact: { readonly name: string; readonly phone: string };
  readonly cardPhone: string;
  readonly ip: string;
}

let made = 0;

export function richPerson(phoneSuffix?: string): RichPerson {
  made += 1;
  const person = nextPerson(phoneSuffix);
  const rare = (count: number): string =>
    Array.from({ length: count }, (_, at) => RARE[(made * 7 + at * 3) % RARE.length]).join('');
  const serial = String(made).padStart(4, '0');
  return {
    ...person,
    name: `${rare(3)}${person.name}`,
    deviceId: `device-of-${serial}-7f5c6d3f4b0e9b57`,
    email: `applicant.${serial}.private@example.com`,
    addresses: [`${rare(2)}路隐私街${serial}号`, `${rare(2)}村住址${serial}组`, `${rare(2)}市单位楼${serial}层`],
    employer: `${rare(3)}雇主${serial}公司`,
    contact: { name: `${rare(4)}联系人`, phone: nextPerson().phone },
    cardPhone: nextPerson().phone,
    ip: `203.0.113.${100 + (made % 100)}`,
  };
}

/** Every text that says who somebody is, with words for it. */
export function identitiesOf(person: RichPerson): [what: string, text: string][] {
  const { phone, idNumber, name, bankCard, deviceId, email, addresses, employer, contact, cardPhone, ip } = person;
  return [
    ['phone', phone],
    ['id number', idNumber],
    ['phone and id number', phone + idNumber],
    ['name', name],
    ['bank card', bankCard.number],
    ['device', deviceId],
    ['e-mail', email],
    ...addresses.map((address): [string, string] => ['address', address]),
    ['employer', employer],
    ['name of a contact', contact.name],
    ['phone of a contact', contact.phone],
    ['phone at the bank', cardPhone],
    ['address of a device', ip],
  ];
}

/** An application with the whole field catalogue. */
export function richApplication(registry: Registry, person: RichPerson, ref: string, productId?: string) {
  const input = applicationFor(registry, person, ref, productId);
  const [home = '', card = '', work = ''] = person.addresses;
  return {
    ...input,
    applicant: {
      ...input.applicant,
      email: person.email,
      id_card: { issuer: '公安局', address: card, valid_to: 'long' },
      residence: { region: '110105', address: home },
      employment: { status: 'employed', employer: person.employer, address: work, phone: person.cardPhone },
      contacts: [{ relation: 'spouse', ...person.contact }],
      bank_card: cardOf(person),
    },
    device: { id: person.deviceId, id_kind: 'oaid', ip: person.ip, user_agent: `${BROWSER} ${person.deviceId}` },
    documents: [],
    verifications: [
      { kind: 'liveness', provider: 'x', result: 'pass', ref: person.deviceId, at: '2026-03-02T03:59:00Z' },
    ],
  };
}

export function cardOf(person: RichPerson) {
  return { number: person.bankCard.number, bank_code: person.bankCard.bankCode, phone: person.cardPhone };
}

/** A person as partners ask about them: in plain, in every hash, masked; alone and together. */
export function subjectsOf(person: RichPerson): object[] {
  const { phone, idNumber, bankCard, deviceId, name } = person;
  const hashed = (value: string) => Object.entries(hashForms(value)).map(([form, hash]) => ({ [form]: hash }));
  return [
    { phone },
    { phone: `+86 ${phone}` },
    { phone: `0086${phone}`, id_number: idNumber.toLowerCase(), name },
    { phone, id_number: idNumber, name, bank_card: bankCard.number, device_id: deviceId },
    ...hashed(phone).map((one) => ({ phone: one })),
    ...hashed(idNumber).map((one) => ({ id_number: one })),
    ...hashed(bankCard.number).map((one) => ({ phone, bank_card: one })),
    ...hashed(deviceId).map((one) => ({ phone, device_id: one })),
    ...Object.entries(phoneIdForms(phone, idNumber)).map(([form, hash]) => ({ phone_id: { [form]: hash } })),
    { phone: { masked: `${phone.slice(0, 8)}***` }, id_number: { masked: `${idNumber.slice(0, 14)}****` }, name },
  ];
}

/** Somebody who follows a link, mistypes, asks for a code, and applies. @returns the last page's status and address */
export async function applyByLink(gateway: LoggedGateway, person: RichPerson): Promise<string> {
  const headers = { 'user-agent': `${BROWSER} link`, 'accept-language': 'zh', 'x-forwarded-for': person.ip };
  const landed = await fetch(`${gateway.url}/r/acme-home?sub1=spring`, { redirect: 'manual', headers });
  const landing = landed.headers.get('location') ?? '';
  const post = (action: string, body: URLSearchParams) =>
    fetch(new URL(action, gateway.url), { method: 'POST', redirect: 'manual', headers, body });
  const typed = { name: person.name, id_number: person.idNumber, phone: person.phone };
  const form = async (response: Response) => {
    const read = readHtmlForm(await response.text());
    if (read === undefined) throw new Error(`a page of status ${response.status} without a form`);
    return read;
  };
  const first = await form(await fetch(landing, { headers }));
  await post(first.action, fillForm(first, { ...typed, phone: person.phone.slice(0, 9) }, 'otp'));
  const second = await form(await post(first.action, fillForm(first, typed, 'otp')));
  await post(second.action, fillForm(second, { ...typed, otp: '111111' }, 'apply'));
  const tampered = fillForm(second, typed, 'apply');
  tampered.set('form', `${(tampered.get('form') ?? '').slice(0, -4)}AAAA`);
  await post(second.action, tampered);
  const sent = await post(second.action, fillForm(second, { ...typed, otp: '000000' }, 'apply'));
  const location = sent.headers.get('location');
  if (sent.status !== 303 || location === null) throw new Error(`the page answered ${sent.status}`);
  await (await fetch(new URL(location, gateway.url), { headers })).text();
  return location;
}
