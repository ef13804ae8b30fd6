import type { RawRequest } from '../raw-request.ts';

export type HttpTextReading =
  | { readonly ok: true; readonly request: RawRequest }
  | { readonly ok: false; readonly detail: string };

const REQUEST_LINE = /^([A-Za-z]+)[ \t]+(\S+)(?:[ \t]+HTTP\/[\d.]+)?[ \t]*$/;
const HEADER_LINE = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*:[ \t]*(.*)$/;
/** What `curl -v` puts before the lines that it sends. */
const SENT = /^> /;

/**
 * Reads a request as it stands in a log: HTTP/1.1 text with any line ends, or what `curl -v` says, of which only the lines
 * beginning with `>` count (it does not show the body). The body ends where Content-Length says, since editors and
 * shells like to add a line end.
 */
export function readHttpText(text: string): HttpTextReading {
  const isTrace = text.split(/\r?\n/, MAX_TRACE_LINES).some((line) => /^> [A-Z]+ \S+ HTTP\//.test(line));
  const http = isTrace ? sentLines(text) : text.replace(/^(?:[ \t]*\r?\n)+/, '');
  const end = /\r?\n\r?\n/.exec(http);
  const head = end === null ? http : http.slice(0, end.index);
  const body = end === null ? '' : http.slice(end.index + end[0].length);
  const [first = '', ...lines] = head.split(/\r?\n/);
  const request = REQUEST_LINE.exec(first);
  if (request === null) return refuse('the first line is no request line such as "POST /v1/prechecks HTTP/1.1"');
  const headers: [string, string][] = [];
  for (const [index, line] of lines.entries()) {
    const last = headers.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) {
      last[1] += ` ${line.trim()}`;
      continue;
    }
    if (line.trim() === '') continue;
    const header = HEADER_LINE.exec(line);
    if (header === null) return refuse(`line ${index + 2} is no header line such as "Host: api.example.com"`);
    headers.push([header[1] ?? '', (header[2] ?? '').trimEnd()]);
  }
  const [, method = '', target = ''] = request;
  return { ok: true, request: { method, target, headers, body: cutBody(body, headers) } };
}

/** Enough to get past the name lookup and the TLS handshake. */
const MAX_TRACE_LINES = 500;

function sentLines(text: string): string {
  const lines = text.split(/\r?\n/).filter((line) => SENT.test(line));
  return lines
    .map((line) => line.replace(SENT, ''))
    .filter((line) => line.trim() !== '')
    .join('\r\n');
}

function cutBody(text: string, headers: readonly (readonly [string, string])[]): Buffer {
  const body = Buffer.from(text);
  const length = headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1];
  if (length === undefined || !/^\d{1,9}$/.test(length)) return body;
  const surplus = body.subarray(Number(length)).toString('latin1');
  return /^[\r\n]+$/.test(surplus) ? body.subarray(0, Number(length)) : body;
}

function refuse(detail: string): HttpTextReading {
  return { ok: false, detail };
}
