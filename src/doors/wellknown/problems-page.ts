import { pageLanguage } from '../../http/accept-language.ts';
import type { Door } from '../../http/app.ts';
import { type ProblemEntry, problems } from '../../http/problem-catalogue.ts';
import { docsHeader } from './docs-header.ts';
import { escapeHtml, htmlPage } from './html-page.ts';
import { pageRoute } from './page-route.ts';

const TEXT = {
  en: {
    title: 'Problems',
    lead: 'Errors are application/problem+json (RFC 9457). Decide by code; titles may change. Quote request_id when you ask us.',
    columns: ['Code', 'Status', 'What it means', 'What to do'],
  },
  zh: {
    title: '错误码',
    lead: '错误以 application/problem+json（RFC 9457）返回。请以 code 判断，title 可能调整；联系我们时请提供 request_id。',
    columns: ['代码', '状态码', '含义', '处理办法'],
  },
} as const;

/** `/docs/problems`: where the `type` of every problem points, with an anchor for each code. */
export function registerProblemsPage(door: Door): void {
  door.openapi(pageRoute('/docs/problems'), (c) => {
    const language = pageLanguage(c.req.query('lang'), c.req.header('accept-language'));
    const text = TEXT[language];
    const rows = Object.entries<ProblemEntry>(problems).map(
      ([code, { status, title, fix }]) =>
        `<tr id="${code}"><td><a href="#${code}"><code>${code}</code></a></td><td>${status}</td>` +
        `<td>${escapeHtml(title[language])}</td><td>${escapeHtml(fix[language])}</td></tr>`,
    );
    const columns = text.columns.map((column) => `<th scope="col">${column}</th>`).join('');
    const body = `${docsHeader('problems', language)}
<main><h1>${text.title}</h1><p>${text.lead}</p>
<table><thead><tr>${columns}</tr></thead><tbody>
${rows.join('\n')}
</tbody></table></main>`;
    const head = '<link rel="stylesheet" href="/docs/docs.css">\n';
    return htmlPage({ language, title: `Sluice – ${text.title}`, head, body });
  });
}
