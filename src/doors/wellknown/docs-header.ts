import type { Language } from '../../http/accept-language.ts';
import { escapeHtml } from './html-page.ts';

/** The API documents in the order in which they are offered. */
export const DOCUMENTS = [
  { id: 'partner', name: { en: 'Partner API', zh: '导流平台接口' } },
  { id: 'lender', name: { en: 'Lender API', zh: '助贷机构接口' } },
  { id: 'operator', name: { en: 'Operator API', zh: '运营接口' } },
  { id: 'referral', name: { en: 'Referral links', zh: '推广链接' } },
] as const;

export type DocumentId = (typeof DOCUMENTS)[number]['id'];

const TEXT = {
  en: { documents: 'Documentation', guide: 'Guide', problems: 'Problems', languages: 'Language' },
  zh: { documents: '文档', guide: '指南', problems: '错误码', languages: '语言' },
} as const;

/** The way to every page of the documentation, and to this one in the other language. Plain links, so that they can be kept. */
export function docsHeader(
  current: DocumentId | 'guide' | 'problems',
  language: Language,
  guidePage = 'signing',
): string {
  const text = TEXT[language];
  const pages = [
    ...DOCUMENTS.map(({ id, name }) => ({ id, address: `/docs?doc=${id}&`, name: name[language] })),
    { id: 'guide', address: `/docs/guide/${guidePage}?`, name: text.guide },
    { id: 'problems', address: '/docs/problems?', name: text.problems },
  ];
  const here = pages.find(({ id }) => id === current)?.address ?? '/docs?';
  const documents = pages.map(({ id, address, name }) => link(`${address}lang=${language}`, name, id === current));
  const languages = (['en', 'zh'] as const).map((other) =>
    link(`${here}lang=${other}`, other === 'en' ? 'English' : '中文', other === language, ` lang="${other}"`),
  );
  return `<header><nav aria-label="${text.documents}">${documents.join('')}</nav>
<nav aria-label="${text.languages}">${languages.join('')}</nav></header>`;
}

function link(address: string, name: string, isCurrent: boolean, attributes = ''): string {
  return `<a href="${escapeHtml(address)}"${attributes}${isCurrent ? ' aria-current="page"' : ''}>${name}</a>`;
}
