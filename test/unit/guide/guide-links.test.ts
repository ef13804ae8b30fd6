import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { SAMPLES } from '../../../src/doors/wellknown/guide.ts';
import { GUIDE_DIRECTORY } from '../../../src/doors/wellknown/guide-pages.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const files = readdirSync(GUIDE_DIRECTORY).filter((file) => file.endsWith('.md'));
const names = [...new Set(files.map((file) => file.replace(/(\.zh)?\.md$/, '')))];
const textOf = (file: string): string => readFileSync(`${GUIDE_DIRECTORY}${file}`, 'utf8');
const anchorsOf = (file: string): string[] =>
  [...textOf(file).matchAll(/^<a id="([a-z0-9-]+)"><\/a>$/gm)].map(([, id = '']) => id);
/** What a shell runs, or what a reader copies. */
const blocksOf = (file: string): string[] =>
  [...textOf(file).matchAll(/^```(?:sh|json)?\n(.*?)\n```$/gms)].map(([, code = '']) => code);

/** Addresses that a text leads to, code left out. */
function linksIn(text: string): string[] {
  const prose = text.replace(/^```.*?^```$/gms, '').replace(/`[^`]+`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, url = '']) => url);
}

/** What is wrong with an address on a page; undefined = it leads somewhere. */
function faultOf(url: string, file: string): string | undefined {
  if (/^https:\/\/[a-z.-]+\//.test(url)) return undefined;
  if (url.startsWith('samples/')) return SAMPLES.some((name) => url === `samples/${name}`) ? undefined : 'no sample';
  if (url.endsWith('.svg')) return existsSync(`${GUIDE_DIRECTORY}${url}`) ? undefined : 'no drawing';
  if (/^\/(docs|docs\/problems|openapi\/[a-z]+\.json)([?#].*)?$/.test(url)) return undefined;
  const [, name, anchor] = /^(?:\/docs\/guide\/([a-z-]+))?(?:#([a-z0-9-]+))?$/.exec(url) ?? [];
  if (name === undefined && anchor === undefined) return 'leads nowhere that we know';
  const language = file.endsWith('.zh.md') ? '.zh' : '';
  const page = name === undefined ? file : `${name}${language}.md`;
  if (!files.includes(page)) return `there is no ${page}`;
  return anchor === undefined || anchorsOf(page).includes(anchor) ? undefined : `${page} has no anchor ${anchor}`;
}

describe('the guide', () => {
  test.each(files)('%s: every link and anchor on it resolves', (file) => {
    const faults = linksIn(textOf(file)).flatMap((url) => {
      const fault = faultOf(url, file);
      return fault === undefined ? [] : [`${url}: ${fault}`];
    });
    expect(faults).toEqual([]);
    expect(new Set(anchorsOf(file)).size).toBe(anchorsOf(file).length);
  });

  test.each(names)('%s is there in both languages, with the same sections and the same code', (name) => {
    const [en, zh] = [`${name}.md`, `${name}.zh.md`];
    expect(files).toEqual(expect.arrayContaining([en, zh]));
    expect(anchorsOf(zh)).toEqual(anchorsOf(en));
    expect(blocksOf(zh).length).toBe(blocksOf(en).length);
    expect(textOf(zh)).toMatch(/^# .*\p{Script=Han}/u);
  });

  test('is reached by every address that the gateway and the README name', () => {
    const sources = [
      'README.md',
      'src/commands/openapi-texts.ts',
      'src/http/common-schemas.ts',
      'openapi/partner.json',
      'openapi/lender.json',
    ];
    const named = sources.flatMap(
      (file) => readFileSync(`${root}${file}`, 'utf8').match(/\/docs\/guide\/[a-z-]+(#[a-z-]+)?/g) ?? [],
    );
    expect(named.length).toBeGreaterThan(0);
    expect([...new Set(named)].filter((url) => faultOf(url, 'signing.md') !== undefined)).toEqual([]);
  });
});
