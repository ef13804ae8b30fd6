import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPeople, type Person } from '../../src/demo/people.ts';
import { FORM_TYPE, photo, sendSigned, uploadForm } from './documents.ts';
import { startTestGateway, type TestGateway } from './gateway.ts';
import type { Answer } from './partner-door.ts';
import { PlayedLender } from './played-lender.ts';
import { writeVariant } from './registry-variant.ts';
import { shippedKey } from './signed-client.ts';

export const LENDER = 'bluewave';
export const PRODUCT = 'flexi-line';

/** The 10th of an April that has not been: its months have the same days in every year. */
const YEAR = new Date().getUTCFullYear() + 1;

export const cny = (amount: number) => ({ amount, currency: 'CNY' });
export const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

// biome-ignore lint/suspicious/noExplicitAny: what came over the wire; the test judges it
type Body = any;

/** A day on which a partner docks: a gateway, acme as it is shipped, and a lender whose core the test plays. */
export class DockingDay {
  readonly gateway: TestGateway;
  readonly lender: PlayedLender;
  readonly #partners: string;
  readonly #people;

  private constructor(gateway: TestGateway, lender: PlayedLender, partners: string) {
    this.gateway = gateway;
    this.lender = lender;
    this.#partners = partners;
    this.#people = createPeople('docking day', new Date(this.at('04-10')));
  }

  static async start(): Promise<DockingDay> {
    const lender = await PlayedLender.start();
    const partners = mkdtempSync(join(tmpdir(), 'sluice-walk-a-'));
    writeVariant(partners, { [`lending/${LENDER}/lender.yaml`]: (file) => Object.assign(file, lender.file) });
    const gateway = await startTestGateway({ variables: { SLUICE_PARTNERS: partners } });
    lender.meet(gateway);
    return new DockingDay(gateway, lender, partners);
  }

  async stop(): Promise<void> {
    await this.gateway.stop();
    await this.lender.close();
    rmSync(this.#partners, { recursive: true, force: true });
  }

  /** An instant of business time. @param day month and day @param time in Shanghai */
  at(day: string, time = '09:00'): string {
    return new Date(`${YEAR}-${day}T${time}:00+08:00`).toISOString();
  }

  /** A calendar day of that year. */
  on(day: string): string {
    return `${YEAR}-${day}`;
  }

  async moveTo(day: string, time: string): Promise<void> {
    const { status, body } = await this.gateway.operator.post('/sandbox/clock', { to: this.at(day, time) });
    if (status !== 200) throw new Error(`the clock did not move: ${JSON.stringify(body)}`);
  }

  nextPerson(): Person {
    return this.#people.next();
  }

  /** Sends what acme sends, and insists on an answer. */
  async post(path: string, body: object, status = 200): Promise<Body> {
    return expected(path, await this.gateway.acme.post(path, body), status);
  }

  async get(path: string): Promise<Body> {
    return expected(path, await this.gateway.acme.get(path), 200);
  }

  /** What acme is refused. */
  async refused(path: string, body: object): Promise<Body> {
    const answer = await this.gateway.acme.post(path, body);
    if (answer.status < 400) throw new Error(`${path} was answered ${answer.status}`);
    return answer.body;
  }

  /** An application as its three parties see it: acme, an operator, the lender that pulls. */
  async seenBy(id: string): Promise<Record<'partner' | 'operator' | 'lender', Body>> {
    await this.gateway.settle();
    const operator = expected(id, await this.gateway.operator.get(`/admin/v1/applications/${id}`), 200);
    const pulled = expected(id, await this.lender.door.get('/lender/v1/applications?limit=100'), 200);
    const lender = pulled.data.find((one: { id: string }) => one.id === id);
    return { partner: await this.get(`/v1/applications/${id}`), operator, lender };
  }

  /** The texts of a stage, accepted a minute ago by everybody named. @param from a product or an application */
  async consents(from: string, stage: string): Promise<Body[]> {
    const { data } = await this.get(`${from}/agreements?stage=${stage}`);
    const { body: clock } = await this.gateway.operator.get('/sandbox/clock');
    const accepted_at = new Date(Date.parse(clock.now) - 60_000).toISOString();
    return data.map(({ kind, document, version, text_sha256, parties }: Body) => {
      return { kind, document, version, text_sha256, parties, accepted_at };
    });
  }

  /** Sends a photo in. @returns as `documents` of an application name it */
  async upload(kind: string): Promise<{ kind: string; document_id: string; bytes: Buffer }> {
    const bytes = photo(`a ${kind} of the docking day`, 4_096);
    const url = `${this.gateway.url}/v1/documents`;
    const answer = await sendSigned(url, shippedKey('acme'), uploadForm({ kind, file: bytes }), FORM_TYPE);
    if (answer.status !== 201) throw new Error(`${kind}: ${answer.status}`);
    return { kind, document_id: String(answer.json().id), bytes };
  }
}

function expected(what: string, { status, body }: Answer, wanted: number): Body {
  if (status !== wanted) throw new Error(`${what}: ${status} ${JSON.stringify(body)}`);
  return body;
}
