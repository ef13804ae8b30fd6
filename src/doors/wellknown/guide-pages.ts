import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Language } from '../../http/accept-language.ts';

/** The guide: one markdown file a page and language, beside its drawings and samples. */
export const GUIDE_DIRECTORY = fileURLToPath(new URL('../../../openapi/guide/', import.meta.url));

/** Pages in the order in which a newcomer reads them; others follow by name. */
const ORDER = [
  'signing',
  'first-loan',
  'products',
  'requirements',
  'documents',
  'applications',
  'loans',
  'money',
  'reconciliation',
  'links',
  'states',
  'webhooks',
  'lenders',
  'sandbox',
];

export interface GuidePage {
  /** Its address under `/docs/guide/`. */
  readonly name: string;
  /** Its first heading; English where it is not translated. */
  readonly title: Readonly<Record<Language, string>>;
  /** Which languages it is written in. */
  readonly languages: readonly Language[];
}

/** Every page of the guide, in reading order. */
export async function readGuidePages(directory: string = GUIDE_DIRECTORY): Promise<readonly GuidePage[]> {
  const files = await readdir(directory);
  const names = files.flatMap((file) => /^([a-z][a-z-]*)\.md$/.exec(file)?.[1] ?? []);
  const pages = await Promise.all(
    names.map(async (name): Promise<GuidePage> => {
      const languages: Language[] = files.includes(`${name}.zh.md`) ? ['en', 'zh'] : ['en'];
      const en = titleOf(await readFile(`${directory}${name}.md`, 'utf8'), name);
      const zh = languages.includes('zh') ? titleOf(await readFile(`${directory}${name}.zh.md`, 'utf8'), name) : en;
      return { name, title: { en, zh }, languages };
    }),
  );
  const placeOf = ({ name }: GuidePage): number => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);
  return pages.sort((one, other) => placeOf(one) - placeOf(other) || (one.name < other.name ? -1 : 1));
}

function titleOf(markdown: string, name: string): string {
  return /^# (.+)$/m.exec(markdown)?.[1] ?? name;
}
