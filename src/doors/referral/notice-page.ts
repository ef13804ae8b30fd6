import { html } from 'hono/html';
import { acceptLanguage, type Language } from '../../http/accept-language.ts';
import type { DoorContext } from '../../http/request-context.ts';
import { headerOf } from './browser.ts';
import { renderPage } from './page-shell.ts';
import { say } from './page-texts.ts';

/** A page that only says why there is nothing else. */
export function noticePage(
  c: DoorContext<never>,
  status: number,
  about:
    | 'linkUnknown'
    | 'linkPaused'
    | 'closed'
    | 'notHere'
    | 'trouble'
    | 'tooLarge'
    | 'handoffGone'
    | 'handoffWaits'
    | 'foreign'
    | 'resultGone'
    | 'entryRefused',
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const language = languageOf(c);
  const title = say(`${about}Title`, language);
  const body = html`<section><h1>${title}</h1><p>${say(`${about}Body`, language)}</p></section>`;
  const otherLanguage = c.req.method === 'GET' ? { otherLanguage: inLanguage(c, language === 'zh' ? 'en' : 'zh') } : {};
  return renderPage({ language, title, body, status, headers, ...otherLanguage });
}

function inLanguage(c: DoorContext<never>, language: Language): string {
  const { pathname, searchParams } = new URL(c.req.url);
  searchParams.set('lang', language);
  return `${pathname}?${searchParams}`;
}

/** The language of a page: `?lang=zh|en`, else what the browser prefers. */
export function languageOf(c: DoorContext<never>): Language {
  const lang = c.req.query('lang');
  return lang === 'zh' || lang === 'en' ? lang : acceptLanguage(headerOf(c, 'accept-language'));
}
