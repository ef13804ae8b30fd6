import type { Application } from '../../src/applications/model.ts';
import type { Person } from '../../src/demo/people.ts';
import type { ReferralDoor } from '../../src/doors/referral/referral-deps.ts';
import type { TestReferral } from './referral.ts';
import { ORIGIN } from './tiny-door.ts';

export const BROWSER = 'Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36';

export type PostFields = Readonly<Record<string, string | readonly string[]>>;

/** A browser without script: it follows addresses and sends forms. */
export class PageVisit {
  readonly #door: Pick<ReferralDoor, 'request'>;
  readonly #language: string;
  path = '';
  html = '';
  status = 0;
  headers = new Headers();

  constructor(door: Pick<ReferralDoor, 'request'>, language = 'en') {
    this.#door = door;
    this.#language = language;
  }

  async get(path: string): Promise<this> {
    return this.#load(path, { method: 'GET' });
  }

  /** Sends the page's form. @param headers of the browser's own, such as Origin */
  async post(fields: PostFields, headers: Readonly<Record<string, string>> = {}): Promise<this> {
    const body = new URLSearchParams();
    for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) body.append(name, one);
    if (!('form' in fields)) body.set('form', this.hidden('form'));
    const action = /<form[^>]* action="([^"]+)"/.exec(this.html)?.[1]?.replaceAll('&amp;', '&') ?? this.path;
    const type = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.#load(action, { method: 'POST', body: body.toString(), headers: { ...type, ...headers } });
  }

  hidden(name: string): string {
    return new RegExp(`name="${name}" value="([^"]*)"`).exec(this.html)?.[1] ?? '';
  }

  async #load(path: string, init: RequestInit): Promise<this> {
    const headers = { 'user-agent': BROWSER, 'accept-language': this.#language, ...(init.headers as object) };
    const response = await this.#door.request(`${ORIGIN}${path}`, { ...init, headers });
    const location = response.headers.get('location');
    if (location !== null) {
      return this.#load(location.replace(ORIGIN, ''), { method: 'GET' });
    }
    this.path = path;
    this.status = response.status;
    this.headers = response.headers;
    this.html = await response.text();
    return this;
  }
}

/** What a person enters for quick-cash, every agreement ticked by one box. */
export function fieldsOf(person: Person): Record<string, string> {
  return {
    name: person.name,
    id_number: person.idNumber,
    phone: person.phone,
    amount: '5000',
    term: '6',
    purpose: 'consumption',
    consent: 'on',
  };
}

/** The application that a person made through a link. */
export async function applicationOf(referral: TestReferral, person: Person, code = 'acme-home'): Promise<Application> {
  const events = (await referral.events()).filter((event) => event.context?.link_code === code);
  for (const id of new Set(events.map((event) => event.subject))) {
    const loaded = id.startsWith('app_') ? await referral.reports.store.load(id) : undefined;
    if (loaded && (await sealedOf(referral, id)).applicant.phone === person.phone) return loaded.application;
  }
  throw new Error('there is no such application');
}

/** What lies sealed beside an application. */
export async function sealedOf(referral: TestReferral, id: string) {
  const opened = referral.deps.sealer.openJson((await referral.reports.store.sealed(id)) ?? '', id);
  if (!opened.ok) throw new Error(opened.message);
  return opened.plain as {
    applicant: Record<string, unknown>;
    consents: Record<string, unknown>[];
    verifications: Record<string, unknown>[];
    device: unknown;
  };
}
