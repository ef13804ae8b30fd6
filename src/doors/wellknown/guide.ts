import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { z } from '@hono/zod-openapi';
import type { Language } from '../../http/accept-language.ts';
import type { Door } from '../../http/app.ts';
import { ProblemError } from '../../http/problem.ts';
import { docsHeader } from './docs-header.ts';
import { htmlPage, pageLanguage } from './html-page.ts';
import { markdownToHtml } from './markdown.ts';
import { pageRoute, pageRouteWith } from './page-route.ts';

const DIRECTORY = fileURLToPath(new URL('../../../openapi/guide/', import.meta.url));
const PAGES = { en: 'signing.md', zh: 'signing.zh.md' } as const;
const TITLE = { en: 'Signing requests', zh: '请求签名' } as const;
/** The sample signers; names only, nothing that could leave the folder. */
export const SAMPLES = ['curl.sh', 'signer.py', 'Signer.java', 'signer.php', 'signer.go', 'signer.mjs'] as const;
const SAMPLE_HEADERS = {
  'content-type': 'text/plain; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'cache-control': 'public, no-cache',
};

/** `/docs/guide/signing` and the sample signers beside it: the guide of `openapi/guide` as people read it. */
export function registerGuide(door: Door): void {
  const bodies = new Map<Language, Promise<string>>();
  door.openapi(pageRoute('/docs/guide/signing'), async (c) => {
    const language = pageLanguage(c.req.query('lang'), c.req.header('accept-language'));
    const rendered = bodies.get(language) ?? readFile(`${DIRECTORY}${PAGES[language]}`, 'utf8').then(markdownToHtml);
    bodies.set(language, rendered);
    const head = '<link rel="stylesheet" href="/docs/docs.css">\n';
    const body = `${docsHeader('guide', language)}\n<main class="guide">${await rendered}</main>`;
    return htmlPage({ language, title: `Sluice – ${TITLE[language]}`, head, body });
  });
  door.openapi(pageRouteWith('/docs/guide/samples/{file}', z.object({ file: z.string() })), async (c) => {
    const file = SAMPLES.find((name) => name === c.req.valid('param').file);
    if (file === undefined) throw new ProblemError('not_found', 'there is no such file');
    return new Response(await readFile(`${DIRECTORY}samples/${file}`), { headers: SAMPLE_HEADERS });
  });
}
