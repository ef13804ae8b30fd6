import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { DAY_MS } from '../../src/base/clock.ts';
import { HttpExchange } from '../../src/demo/http-exchange.ts';
import { LinkVisitor } from '../../src/demo/link-visitor.ts';
import type { Person } from '../../src/demo/people.ts';
import { startTestGateway, type TestGateway } from './gateway.ts';
import { applicationFor } from './intake.ts';
import type { Answer, PartnerClient } from './partner-door.ts';
import { PlayedLender } from './played-lender.ts';
import { type FileChanges, writeVariant } from './registry-variant.ts';

// biome-ignore lint/suspicious/noExplicitAny: what came over the wire; the test judges it
type Body = any;
type Subject = { readonly phone: string; readonly id_number?: string };

type PartnerFile = { readonly id: string; readonly [field: string]: unknown };
const cny = (amount: number) => ({ amount, currency: 'CNY' });

export const subjectOf = ({ phone, idNumber }: Person): Subject => ({ phone, id_number: idNumber });

/**
 * A gateway with partners that bring people by links, by hand-off and by API, and a lender whose core and app the test plays.
 * Everything goes over the real doors.
 */
export class ReferralTown {
  readonly gateway: TestGateway;
  readonly lender: PlayedLender;
  readonly #partners: string;
  readonly #exchange = new HttpExchange();
  #visitors = 0;
  #references = 0;

  private constructor(gateway: TestGateway, lender: PlayedLender, partners: string) {
    this.gateway = gateway;
    this.lender = lender;
    this.#partners = partners;
  }

  /** @param changes to the shipped files @param added partners beside the shipped ones, as in their files */
  static async start(changes: FileChanges = {}, added: readonly PartnerFile[] = []): Promise<ReferralTown> {
    const lender = await PlayedLender.start();
    const partners = mkdtempSync(join(tmpdir(), 'sluice-town-'));
    const returns = (file: object) => Object.assign(file, { return_urls: ['https://partner.example/'] });
    writeVariant(partners, {
      'traffic/acme/partner.yaml': returns,
      'traffic/summit/partner.yaml': returns,
      ...changes,
      'lending/quickcredit/lender.yaml': (file) => Object.assign(file, lender.file),
    });
    for (const partner of added) {
      const folder = join(partners, 'traffic', partner.id);
      mkdirSync(folder);
      writeFileSync(join(folder, 'partner.yaml'), stringify(partner));
    }
    const gateway = await startTestGateway({ variables: { SLUICE_PARTNERS: partners } });
    lender.meet(gateway);
    return new ReferralTown(gateway, lender, partners);
  }

  async stop(): Promise<void> {
    await this.#exchange.close();
    await this.gateway.stop();
    await this.lender.close();
    rmSync(this.#partners, { recursive: true, force: true });
  }

  /** Business time. */
  async now(offsetMs = 0): Promise<string> {
    const { body } = await this.gateway.operator.get('/sandbox/clock');
    return new Date(Date.parse(body.now) + offsetMs).toISOString();
  }

  /** Somebody with a browser of their own follows a link. @returns the click's id, as the landing gets it */
  async click(code: string): Promise<string> {
    const answer = await fetch(`${this.gateway.url}/r/${code}`, { redirect: 'manual', headers: this.#browser() });
    const id = new URL(answer.headers.get('location') ?? 'none:').searchParams.get('click');
    if (answer.status !== 302 || id === null) throw new Error(`/r/${code}: ${answer.status}`);
    return id;
  }

  /** Follows a link to the hosted page, waits there, and applies. @returns the application's id */
  async applyByLink(code: string, { name, idNumber, phone }: Person, waits = '1m'): Promise<string> {
    const visitor = new LinkVisitor(this.gateway.url, this.#exchange, this.#browser()['user-agent']);
    await visitor.click(code, 'town');
    await this.gateway.clock(waits);
    return visitor.apply({ name, id_number: idNumber, phone, amount: '5000', term: '6', purpose: 'travel' });
  }

  /** A partner hands an applicant over, who opens the way. */
  async handOver(partner: PartnerClient, { name, idNumber, phone }: Person): Promise<string> {
    this.lender.on('/handoffs', () => ({ body: { url: `${this.lender.core.url}/page` } }));
    const made = await partner.post('/v1/handoffs', {
      product_id: 'quick-cash',
      destination: 'apply',
      subject: { name, phone, id_number: idNumber },
      return_url: 'https://partner.example/back',
    });
    if (made.status !== 201) throw new Error(JSON.stringify(made.body));
    const opened = await fetch(made.body.url, { redirect: 'manual', headers: this.#browser() });
    if (opened.status !== 302) throw new Error(`the hand-off answered ${opened.status}`);
    return made.body.id;
  }

  /** A partner submits an application by its own signed request. */
  async submit(partner: PartnerClient, person: Person, change: object = {}): Promise<Body> {
    this.#references += 1;
    const registry = this.gateway.gateway.rooms.intake.registry();
    const { consents = [], ...input } = applicationFor(registry, person, `TOWN-${this.#references}`);
    const accepted_at = await this.now(-60_000);
    return told(
      await partner.post('/v1/applications', {
        ...input,
        ...change,
        consents: consents.map((one) => ({ ...one, accepted_at })),
      }),
      201,
    );
  }

  /** The lender reports that somebody registered. @returns its answer */
  async register(subject: Subject, change: object = {}): Promise<Body> {
    this.#references += 1;
    const report = {
      lender_ref: `REG-${this.#references}`,
      product_id: 'quick-cash',
      subject,
      registered_at: await this.now(),
      ...change,
    };
    const answer = told(await this.lender.door.post('/lender/v1/registrations', report), 201);
    await this.gateway.settle();
    return answer;
  }

  /** The lender reports an application made in its app. @returns its answer */
  async applyAtLender(subject: Subject, change: object = {}): Promise<Body> {
    this.#references += 1;
    const report = {
      lender_ref: `APP-${this.#references}`,
      product_id: 'quick-cash',
      subject,
      channel: 'app',
      applied_at: await this.now(),
      ...change,
    };
    const answer = told(await this.lender.door.post('/lender/v1/applications', report), 201);
    await this.gateway.settle();
    return answer;
  }

  /** Granted, drawn down in the lender's app, paid out over two instalments of which each interest is given; 0 = only granted. */
  async lend(application_id: string, principal: number, interests: readonly [number, number] = [0, 0]): Promise<void> {
    const at = await this.now();
    const granted = { amount: cny(500_000), apr: '0.18', expires_at: await this.now(90 * DAY_MS) };
    await this.lender.tellAll({ application_id }, ['credit.granted', granted]);
    if (principal === 0) return;
    this.#references += 1;
    const lender_ref = `LOAN-${this.#references}`;
    const wish = { amount: cny(principal), term: 3, term_unit: 'month', purpose: 'travel', requested_at: at };
    const { loan_id } = await this.lender.tell('loan.requested', { application_id }, { lender_ref, ...wish });
    const half = Math.floor(principal / 2);
    const inThirtyDays = await this.now(30 * DAY_MS);
    const inSixtyDays = await this.now(60 * DAY_MS);
    const schedule = [
      { no: 1, due_on: inThirtyDays.slice(0, 10), principal: cny(half), interest: cny(interests[0]), fees: [] },
      {
        no: 2,
        due_on: inSixtyDays.slice(0, 10),
        principal: cny(principal - half),
        interest: cny(interests[1]),
        fees: [],
      },
    ];
    const paidOut = { principal: cny(principal), received: cny(principal), disbursed_at: at, schedule };
    await this.lender.tellAll({ loan_id }, ['loan.disbursed', paidOut]);
    for (const { no, due_on: _, ...amounts } of schedule) {
      const paid = { no, payment_ref: `${lender_ref}-${no}`, ...amounts, payer: 'borrower', paid_at: await this.now() };
      await this.lender.tellAll({ loan_id }, ['installment.paid', paid]);
    }
  }

  /** What an operator reads. */
  async read(path: string): Promise<Body> {
    return told(await this.gateway.operator.get(path), 200);
  }

  #browser() {
    this.#visitors += 1;
    return {
      'user-agent': `Mozilla/5.0 (Linux; Android 14; Pixel 8) Chrome/126.0.${this.#visitors}.0 Mobile Safari/537.36`,
    };
  }
}

function told({ status, body }: Answer, wanted: number): Body {
  if (status !== wanted) throw new Error(`${status} ${JSON.stringify(body)}`);
  return body;
}
