import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from '@hono/zod-openapi';
import type { Language } from '../../http/accept-language.ts';
import { pageLanguage } from '../../http/accept-language.ts';
import type { Door } from '../../http/app.ts';
import { ProblemError } from '../../http/problem.ts';
import { DOCUMENTS, docsHeader } from './docs-header.ts';
import { htmlPage } from './html-page.ts';
import { pageRoute, pageRouteWith } from './page-route.ts';
import { createFileCache, serveFile } from './static-file.ts';

const TEXT = {
  en: {
    title: 'API reference',
    noScript: 'Without scripts, read the document itself:',
    authorize: 'How to authenticate',
  },
  zh: { title: '接口文档', noScript: '未启用脚本时，可直接阅读文档：', authorize: '鉴权方式' },
} as const;

const OWN_ASSETS = fileURLToPath(new URL('./assets/', import.meta.url));
/** The version is part of the path, so what lies under it never changes. */
const IMMUTABLE = 'public, max-age=31536000, immutable';
const REVALIDATE = 'public, no-cache';

/** `/docs`: Swagger UI from our own dependencies, nothing from other hosts. */
export function registerDocs(door: Door): void {
  const files = createFileCache();
  const swagger = findSwaggerUi();
  const serve = async (path: string, ifNoneMatch: string | undefined, cacheControl: string): Promise<Response> => {
    const file = await files(path);
    if (file === undefined) throw noSuchFile();
    return serveFile(file, ifNoneMatch, cacheControl);
  };
  door.openapi(pageRoute('/docs'), (c) => {
    const language = pageLanguage(c.req.query('lang'), c.req.header('accept-language'));
    return docsPage(language, c.req.query('doc'), `/docs/assets/${swagger.version}`);
  });
  door.openapi(pageRouteWith('/docs/assets/{version}/{file}', swaggerAsset), (c) => {
    const { version, file } = c.req.valid('param');
    if (version !== swagger.version || !SWAGGER_FILES.has(file)) throw noSuchFile();
    return serve(`${swagger.directory}/${file}`, c.req.header('if-none-match'), IMMUTABLE);
  });
  door.openapi(pageRouteWith('/docs/{file}', ownAsset), (c) => {
    const { file } = c.req.valid('param');
    if (!OWN_FILES.has(file)) throw noSuchFile();
    return serve(`${OWN_ASSETS}${file}`, c.req.header('if-none-match'), REVALIDATE);
  });
}

const swaggerAsset = z.object({ version: z.string(), file: z.string() });
const ownAsset = z.object({ file: z.string() });

const SWAGGER_FILES = new Set(['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png']);
const OWN_FILES = new Set(['docs.css', 'docs.js']);

function noSuchFile(): ProblemError {
  return new ProblemError('not_found', 'there is no such file');
}

function findSwaggerUi(): { directory: string; version: string } {
  const manifest = createRequire(import.meta.url).resolve('swagger-ui-dist/package.json');
  const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(manifest, 'utf8')));
  return { directory: dirname(manifest), version };
}

function docsPage(language: Language, asked: string | undefined, assets: string): Response {
  const text = TEXT[language];
  const { id, name } = DOCUMENTS.find((document) => document.id === asked) ?? DOCUMENTS[0];
  const address = `/openapi/${id}.json`;
  const head = `<link rel="icon" type="image/png" href="${assets}/favicon-32x32.png">
<link rel="stylesheet" href="${assets}/swagger-ui.css">
<link rel="stylesheet" href="/docs/docs.css">
<script src="${assets}/swagger-ui-bundle.js" defer></script>
<script src="/docs/docs.js" defer></script>
`;
  const body = `${docsHeader(id, language)}
<main class="reference"><div id="docs" lang="en" data-document="${address}" data-authorize="${text.authorize}"></div>
<noscript><p>${text.noScript} <a href="${address}">${address}</a></p></noscript></main>`;
  return htmlPage({ language, title: `Sluice – ${name[language]} – ${text.title}`, head, body });
}
