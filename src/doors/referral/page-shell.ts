import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import type { HtmlEscapedString } from 'hono/utils/html';
import type { Language } from '../../http/accept-language.ts';
import { pageCss } from './page-css.ts';
import { pageIcon, pageScript } from './page-script.ts';
import { say } from './page-texts.ts';

export type Markup = HtmlEscapedString | Promise<HtmlEscapedString>;

export interface Shell {
  readonly language: Language;
  readonly title: string;
  readonly body: Markup;
  readonly status?: number;
  /** Address of the same page in the other language. */
  readonly otherLanguage?: string;
  /** Whether the page has the script: it works without, and better with. */
  readonly hasScript?: boolean;
  /** Without script the page asks for itself again after so many seconds; with it, the script does. */
  readonly refreshSeconds?: number;
  /** Goes on to another address by itself, script or not: where, and after how many seconds. */
  readonly goesTo?: { readonly address: string; readonly seconds: number };
  readonly headers?: Readonly<Record<string, string>>;
}

const STYLE_HASH = createHash('sha256').update(pageCss).digest('base64');

/** Nothing is loaded from or sent to anywhere but here; the one style sheet is known by its hash, no script stands inline. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${STYLE_HASH}'`,
  "script-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  vary: 'Accept-Language',
};

/** A page for people, whole: one document with its style, and the script where it helps. */
export async function renderPage(shell: Shell): Promise<Response> {
  const { language, title, body, status = 200, otherLanguage, refreshSeconds, goesTo } = shell;
  const script = shell.hasScript ? await pageScript() : undefined;
  const refresh = html`<noscript><meta http-equiv="refresh" content="${refreshSeconds}"></noscript>`;
  const page = await html`<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="format-detection" content="telephone=no">
<meta name="color-scheme" content="light dark">
<link rel="icon" type="image/svg+xml" href="${pageIcon.path}">
${refreshSeconds === undefined ? '' : refresh}${goesTo === undefined ? '' : html`<meta http-equiv="refresh" content="${goesTo.seconds};url=${goesTo.address}">`}
<title>${title}</title>
<style>${raw(pageCss)}</style>
${script === undefined ? '' : html`<script src="${script.path}" defer></script>`}
</head>
<body>
<main>
${otherLanguage === undefined ? '' : html`<nav><a href="${otherLanguage}" lang="${language === 'zh' ? 'en' : 'zh-CN'}">${say('switchLanguage', language)}</a></nav>`}
${body}
</main>
</body>
</html>
`;
  const headers = { ...HEADERS, 'content-language': language, ...shell.headers };
  return new Response(String(page), { status, headers });
}
