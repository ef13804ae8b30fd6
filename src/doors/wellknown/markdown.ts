import { escapeHtml } from './html-page.ts';

/**
 * Our own guide as HTML: headings, paragraphs, lists, tables, drawings, fenced code, `code`, **strong**, links, and anchors written
 * `<a id="name"></a>` on a line of their own. Everything else is text. A file of ours, so no more than it uses.
 */
export function markdownToHtml(text: string): string {
  const lines = text.split('\n');
  const out: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const block = BLOCKS.map((read) => read(lines, at)).find((found) => found !== undefined);
    if (block === undefined) {
      at += 1;
      continue;
    }
    out.push(block.html);
    at = block.next;
  }
  return out.join('\n');
}

type Block = { readonly html: string; readonly next: number };
type BlockReader = (lines: readonly string[], at: number) => Block | undefined;

const BLOCKS: readonly BlockReader[] = [
  readFence,
  readAnchor,
  readImage,
  readHeading,
  readTable,
  readList,
  readParagraph,
];

function readFence(lines: readonly string[], at: number): Block | undefined {
  if (!lines[at]?.startsWith('```')) return undefined;
  const length = lines.slice(at + 1).findIndex((line) => line.startsWith('```'));
  const end = length === -1 ? lines.length : at + 1 + length;
  const code = lines.slice(at + 1, end).join('\n');
  return { html: `<pre><code>${escapeHtml(code)}</code></pre>`, next: end + 1 };
}

function readAnchor(lines: readonly string[], at: number): Block | undefined {
  const id = /^<a id="([a-z0-9-]+)"><\/a>$/.exec(lines[at] ?? '')?.[1];
  return id === undefined ? undefined : { html: `<a id="${id}"></a>`, next: at + 1 };
}

/** A drawing that lies beside the page, on a line of its own. */
function readImage(lines: readonly string[], at: number): Block | undefined {
  const [, alt, file] = /^!\[([^\]]+)\]\(([a-z-]+\.svg)\)$/.exec(lines[at] ?? '') ?? [];
  if (alt === undefined || file === undefined) return undefined;
  return { html: `<p><img src="/docs/guide/${file}" alt="${escapeHtml(alt)}"></p>`, next: at + 1 };
}

function readHeading(lines: readonly string[], at: number): Block | undefined {
  const heading = /^(#{1,4}) (.+)$/.exec(lines[at] ?? '');
  if (heading === null) return undefined;
  const level = heading[1]?.length ?? 1;
  return { html: `<h${level}>${inline(heading[2] ?? '')}</h${level}>`, next: at + 1 };
}

function readTable(lines: readonly string[], at: number): Block | undefined {
  if (!lines[at]?.startsWith('|') || !/^\|[\s:|-]+\|$/.test(lines[at + 1] ?? '')) return undefined;
  const rows = run(lines, at + 2, (line) => line.startsWith('|'));
  const head = cells(lines[at] ?? '').map((cell) => `<th scope="col">${inline(cell)}</th>`);
  const body = rows.map(
    (row) =>
      `<tr>${cells(row)
        .map((cell) => `<td>${inline(cell)}</td>`)
        .join('')}</tr>`,
  );
  const html = `<table><thead><tr>${head.join('')}</tr></thead><tbody>\n${body.join('\n')}\n</tbody></table>`;
  return { html, next: at + 2 + rows.length };
}

function cells(row: string): string[] {
  return row
    .slice(1, row.lastIndexOf('|'))
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll('\\|', '|'));
}

function readList(lines: readonly string[], at: number): Block | undefined {
  const kind = /^(?:(-)|\d+\.) /.exec(lines[at] ?? '');
  if (kind === null) return undefined;
  const marker = kind[1] === undefined ? /^\d+\. / : /^- /;
  const taken = run(lines, at, (line) => marker.test(line) || /^ {2,}\S/.test(line));
  const items: string[] = [];
  for (const line of taken) {
    if (marker.test(line)) items.push(line.replace(marker, ''));
    else items.push(joinLines([items.pop() ?? '', line.trim()]));
  }
  const tag = kind[1] === undefined ? 'ol' : 'ul';
  return {
    html: `<${tag}>${items.map((item) => `<li>${inline(item)}</li>`).join('')}</${tag}>`,
    next: at + taken.length,
  };
}

function readParagraph(lines: readonly string[], at: number): Block | undefined {
  if ((lines[at] ?? '').trim() === '') return undefined;
  const isOther = (i: number) => BLOCKS.some((read) => read !== readParagraph && read(lines, i) !== undefined);
  let next = at + 1;
  while (next < lines.length && (lines[next] ?? '').trim() !== '' && !isOther(next)) next += 1;
  return { html: `<p>${inline(joinLines(lines.slice(at, next)))}</p>`, next };
}

/** A line break is a blank, but between two signs of Chinese, which knows no blanks. */
function joinLines(lines: readonly string[]): string {
  return lines.reduce((text, line) => {
    const isChinese = CHINESE.test(text.at(-1) ?? '') && CHINESE.test(line.at(0) ?? '');
    return `${text}${isChinese ? '' : ' '}${line}`;
  });
}

/** Han, and the punctuation that belongs to it. */
const CHINESE = /[\p{Script=Han}\u3000-\u303f\uff00-\uffef]/u;

function run(lines: readonly string[], from: number, isPart: (line: string) => boolean): string[] {
  const rest = lines.slice(from);
  const end = rest.findIndex((line) => !isPart(line));
  return end === -1 ? [...rest] : rest.slice(0, end);
}

/** Code first: nothing inside it means anything else. */
function inline(text: string): string {
  return text
    .split(/(`[^`]+`)/)
    .map((part) => (part.startsWith('`') ? `<code>${escapeHtml(part.slice(1, -1))}</code>` : inlineText(part)))
    .join('');
}

function inlineText(text: string): string {
  return escapeHtml(text)
    .replace(/\*\*([^*]+)\*\*/g, '<strong>$1</strong>')
    .replace(/\[([^\]]+)\]\((https:\/\/[^\s)]+|[a-z#/][^\s):]*)\)/g, '<a href="$2">$1</a>');
}
