import { readFile } from 'node:fs/promises';
import { z } from '@hono/zod-openapi';
import type { Language } from '../../http/accept-language.ts';
import { pageLanguage } from '../../http/accept-language.ts';
import type { Door } from '../../http/app.ts';
import { ProblemError } from '../../http/problem.ts';
import { docsHeader } from './docs-header.ts';
import { GUIDE_DIRECTORY, type GuidePage, readGuidePages } from './guide-pages.ts';
import { escapeHtml, htmlPage } from './html-page.ts';
import { markdownToHtml } from './markdown.ts';
import { pageRouteWith } from './page-route.ts';

const NOT_TRANSLATED = { en: '', zh: '<p lang="zh">本页尚无中文版。</p>\n' } as const;
const NAVIGATION = { en: 'Guide', zh: '指南' } as const;
/** The sample signers; names only, nothing that could leave the folder. */
export const SAMPLES = ['curl.sh', 'signer.py', 'Signer.java', 'signer.php', 'signer.go', 'signer.mjs'] as const;
const SAMPLE_HEADERS = {
  'content-type': 'text/plain; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'cache-control': 'public, no-cache',
};

const PAGE_LINK = /href="\/docs\/guide\/([a-z-]+)(#[a-z0-9-]+)?"/g;

/** A drawing of the guide; names only. */
const DRAWING = /^[a-z-]+\.svg$/;
const DRAWING_HEADERS = { ...SAMPLE_HEADERS, 'content-type': 'image/svg+xml; charset=utf-8' };

/** `/docs/guide/<page>`, its drawings and the sample signers: the guide of `openapi/guide` as people read it. */
export function registerGuide(door: Door): void {
  let pages: Promise<readonly GuidePage[]> | undefined;
  const bodies = new Map<string, Promise<string>>();
  door.openapi(pageRouteWith('/docs/guide/{page}', z.object({ page: z.string() })), async (c) => {
    const asked = c.req.valid('param').page;
    if (DRAWING.test(asked)) return drawing(asked);
    pages ??= readGuidePages();
    const known = await pages;
    const page = known.find(({ name }) => name === asked);
    if (page === undefined) throw new ProblemError('not_found', 'the guide has no such page');
    const language = pageLanguage(c.req.query('lang'), c.req.header('accept-language'));
    const written = page.languages.includes(language) ? language : 'en';
    const file = written === 'en' ? `${page.name}.md` : `${page.name}.${written}.md`;
    const rendered = bodies.get(file) ?? readBody(file, written);
    bodies.set(file, rendered);
    const head = '<link rel="stylesheet" href="/docs/docs.css">\n';
    const note = written === language ? '' : NOT_TRANSLATED[language];
    const body = `${docsHeader('guide', language, page.name)}\n<main class="guide" lang="${written}">${contents(known, page, language)}
${note}${await rendered}</main>`;
    return htmlPage({ language, title: `Sluice – ${page.title[language]}`, head, body });
  });
  door.openapi(pageRouteWith('/docs/guide/samples/{file}', z.object({ file: z.string() })), async (c) => {
    const file = SAMPLES.find((name) => name === c.req.valid('param').file);
    if (file === undefined) throw new ProblemError('not_found', 'there is no such file');
    return new Response(await readFile(`${GUIDE_DIRECTORY}samples/${file}`), { headers: SAMPLE_HEADERS });
  });
}

/** A page whose links to other pages stay in its language. */
async function readBody(file: string, language: Language): Promise<string> {
  const html = markdownToHtml(await readFile(`${GUIDE_DIRECTORY}${file}`, 'utf8'));
  return html.replace(PAGE_LINK, `href="/docs/guide/$1?lang=${language}$2"`);
}

async function drawing(file: string): Promise<Response> {
  const svg = await readFile(`${GUIDE_DIRECTORY}${file}`).catch(() => undefined);
  if (svg === undefined) throw new ProblemError('not_found', 'there is no such file');
  return new Response(svg, { headers: DRAWING_HEADERS });
}

/** Links to every page of the guide. */
function contents(pages: readonly GuidePage[], here: GuidePage, language: Language): string {
  const links = pages.map(({ name, title }) => {
    const current = name === here.name ? ' aria-current="page"' : '';
    return `<li><a href="/docs/guide/${name}?lang=${language}"${current}>${escapeHtml(title[language])}</a></li>`;
  });
  return `<nav class="contents" aria-label="${NAVIGATION[language]}" lang="${language}"><ul>${links.join('')}</ul></nav>`;
}
