import { DemoFault } from './demo-fault.ts';
import { fillForm, type HtmlForm, readHtmlForm } from './html-form.ts';
import type { HttpExchange, Reply } from './http-exchange.ts';

const FORM_TYPE = 'application/x-www-form-urlencoded';
/** The code that the sandbox sends to every phone. */
const SANDBOX_CODE = '000000';
const APPLICATION_ID = /app_[0-9a-f]{32}/;
const ALERT = /<section class="alert"[^>]*>([\s\S]*?)<\/section>/;

/** A person with a browser, without scripts: follows a link, fills in the hosted page in its two steps. */
export class LinkVisitor {
  readonly #origin: string;
  readonly #exchange: HttpExchange;
  readonly #userAgent: string;
  #cookie: string | undefined;
  #landing: string | undefined;

  constructor(origin: string, exchange: HttpExchange, userAgent: string) {
    this.#origin = origin;
    this.#exchange = exchange;
    this.#userAgent = userAgent;
  }

  /** Clicks on a shared link and lands. */
  async click(code: string, label: string): Promise<void> {
    const path = `/r/${code}?sub1=${encodeURIComponent(label)}`;
    const reply = await this.#send('GET', path);
    const location = String(reply.headers.location ?? '');
    const leadsHere = location.startsWith(`${this.#origin}/`) && location.includes('click=clk_');
    if (reply.status !== 302 || !leadsHere) throw new DemoFault(`GET ${path} answered ${reply.status} to ${location}`);
    this.#cookie = String(reply.headers['set-cookie'] ?? '').split(';')[0] || this.#cookie;
    this.#landing = location.slice(this.#origin.length);
  }

  /**
   * Applies on the page that the last click led to.
   * @param typed values by name of input
   * @returns the application's id, as the result page shows it
   */
  async apply(typed: Readonly<Record<string, string>>): Promise<string> {
    if (this.#landing === undefined) throw new DemoFault('nobody applies before following a link');
    const form = formOf(await this.#send('GET', this.#landing), 'the hosted page');
    const asked = await this.#submit(form, typed, 'otp');
    const secondForm = formOf(asked, 'the page that asks for the code');
    const sent = await this.#submit(secondForm, { ...typed, otp: SANDBOX_CODE }, 'apply');
    if (sent.status !== 303) throw new DemoFault(`the hosted page answered ${sent.status}: ${alertOf(sent)}`);
    const result = await this.#send('GET', String(sent.headers.location));
    const [id] = APPLICATION_ID.exec(result.text) ?? [];
    if (id === undefined) throw new DemoFault('the result page names no application');
    return id;
  }

  #submit(form: HtmlForm, typed: Readonly<Record<string, string>>, step: 'otp' | 'apply'): Promise<Reply> {
    return this.#send('POST', form.action, fillForm(form, typed, step).toString());
  }

  #send(method: 'GET' | 'POST', path: string, body?: string): Promise<Reply> {
    const headers: Record<string, string> = { 'User-Agent': this.#userAgent, 'Accept-Language': 'zh' };
    if (this.#cookie) headers.Cookie = this.#cookie;
    if (body !== undefined) headers['Content-Type'] = FORM_TYPE;
    const content = body === undefined ? {} : { body };
    return this.#exchange.send(() => ({ method, url: `${this.#origin}${path}`, headers, ...content }));
  }
}

function formOf(reply: Reply, what: string): HtmlForm {
  const form = reply.status === 200 ? readHtmlForm(reply.text) : undefined;
  if (form === undefined) throw new DemoFault(`${what} answered ${reply.status} without a form: ${alertOf(reply)}`);
  return form;
}

/** What the page says is wrong, without markup. */
function alertOf({ text }: Reply): string {
  return (ALERT.exec(text)?.[1] ?? '')
    .replace(/<[^>]+>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
