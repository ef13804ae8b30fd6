import { createHash } from 'node:crypto';

/** A file that pages load, under a name that says what is in it. */
export interface PageAsset {
  readonly path: string;
  readonly text: string;
  readonly contentType: string;
}

/** The script's text, put in here by the bundler; absent where the sources run as they are (tests, `tsx`). */
declare const PAGE_SCRIPT: string | undefined;

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#0b5cad"/><path d="M7 11c6-5 12 5 18 0M7 17c6-5 12 5 18 0M7 23c6-5 12 5 18 0" fill="none" stroke="#fff" stroke-width="2.5" stroke-linecap="round"/></svg>';
const HASH_LENGTH = 16;

export const pageIcon = assetOf('icon', 'svg', 'image/svg+xml', ICON);

let script: Promise<PageAsset> | undefined;

/** The pages' script: the same functions that the server checks with, bundled for browsers once. */
export function pageScript(): Promise<PageAsset> {
  script ??= scriptText().then((text) => assetOf('page', 'js', 'text/javascript; charset=utf-8', text));
  return script;
}

async function scriptText(): Promise<string> {
  if (typeof PAGE_SCRIPT === 'string') return PAGE_SCRIPT;
  const bundler: { bundlePage(): Promise<string> } = await import(new URL('../../bundle.mjs', import.meta.url).href);
  return bundler.bundlePage();
}

function assetOf(name: string, extension: string, contentType: string, text: string): PageAsset {
  const hash = createHash('sha256').update(text).digest('hex').slice(0, HASH_LENGTH);
  return { path: `/apply/assets/${name}-${hash}.${extension}`, text, contentType };
}
