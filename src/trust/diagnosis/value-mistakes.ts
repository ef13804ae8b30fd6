import { createHash } from 'node:crypto';
import { contentDigest } from '../content-digest.ts';
import { fieldValue } from '../field-lines.ts';
import type { CheckedRequest } from '../raw-request.ts';
import type { BaseMistake, BaseText } from './base-text.ts';
import { bodyVariants } from './json-serialisations.ts';

/** Values of covered components as people write them by mistake. */
export function valueMistakes(request: CheckedRequest, base: BaseText, otherNames: readonly string[]): BaseMistake[] {
  const found: BaseMistake[] = [];
  const covered = new Map(base.lines.map(({ name, value }) => [name, value]));
  const add: Add = (mistake, hint, name, value, alone) => {
    const ours = covered.get(name);
    if (ours === undefined || value === undefined || value === ours) return;
    found.push({ mistake, hint, alone, alter: (text) => withValue(text, name, value) });
  };
  addMethodAndAuthority(request, otherNames, add);
  addTarget(request, add);
  addFields(request, add);
  addDigests(request, add);
  return found;
}

type Add = (mistake: string, hint: string, name: string, value: string | undefined, alone?: boolean) => void;

function withValue(base: BaseText, name: string, value: string): BaseText {
  return { ...base, lines: base.lines.map((line) => (line.name === name ? { ...line, value } : line)) };
}

function addMethodAndAuthority(request: CheckedRequest, otherNames: readonly string[], add: Add): void {
  const { method, authority, scheme } = request;
  for (const spelling of [method.toLowerCase(), method.toUpperCase(), titled(method)]) {
    add('method_case', `Sign "@method" as it is sent, in upper case: ${method.toUpperCase()}.`, '@method', spelling);
  }
  const [bare = authority] = authority.split(/:\d+$/);
  const port = scheme === 'https' ? '443' : '80';
  const withPort = `Sign "@authority" as ${authority}: lower case, without the scheme's default port.`;
  if (bare === authority) {
    add('authority_default_port', withPort, '@authority', `${authority}:${port}`);
    add('authority_default_port', withPort, '@authority', `${authority}:${port === '443' ? '80' : '443'}`);
  }
  add('authority_without_port', `Sign "@authority" with its port: ${authority}.`, '@authority', bare);
  add('authority_case', withPort, '@authority', fieldValue(request.fields, 'host'));
  add(
    'authority_with_scheme',
    `Sign "@authority" as ${authority}: no scheme.`,
    '@authority',
    `${scheme}://${authority}`,
  );
  const elsewhere = `Sign "@authority" as ${authority}, the name that the request is sent to.`;
  for (const name of otherNames) add('authority_other_name', elsewhere, '@authority', name);
}

function addTarget(request: CheckedRequest, add: Add): void {
  const { path, query, target, authority, scheme } = request;
  const whole = `${scheme}://${authority}`;
  add('path_with_query', `"@path" is ${path}, without the query.`, '@path', target);
  add('path_is_url', `"@path" is ${path}, without scheme and host.`, '@path', `${whole}${path}`);
  add('path_is_url', `"@path" is ${path}, without scheme and host.`, '@path', `${whole}${target}`);
  const slash = path.endsWith('/') ? path.slice(0, -1) : `${path}/`;
  add('path_trailing_slash', `"@path" is ${path}: mind the slash at its end.`, '@path', slash);
  add('path_decoded', `"@path" is ${path} as it is sent, percent-encodings kept.`, '@path', decoded(path));
  add('path_without_prefix', `"@path" is the whole path: ${path}.`, '@path', path.replace(/^\/[^/]+/, ''));
  const mark = '"@query" begins with its question mark; without a query it is a lone "?".';
  add('query_without_question_mark', mark, '@query', query.slice(1));
  const encoded = `"@query" is ${query} as it is sent: same order, same percent-encodings.`;
  add('query_left_out', `"@query" is ${query}: sign it with the request.`, '@query', '?');
  add('query_left_out', `"@query" is ${query}: sign it with the request.`, '@query', '');
  add('query_encoding', encoded, '@query', decoded(query));
  add('query_encoding', encoded, '@query', query.replaceAll('%20', '+'));
  add('query_encoding', encoded, '@query', query.replaceAll('+', '%20'));
  add('query_order', encoded, '@query', `?${query.slice(1).split('&').toSorted().join('&')}`);
  const uri = `${whole}${target}`;
  const other = scheme === 'https' ? 'http' : 'https';
  const outside = `Sign the address as it is from outside: ${uri}; a proxy in front changes the scheme that you see.`;
  add('scheme', outside, '@target-uri', `${other}://${authority}${target}`);
  add('scheme', outside, '@scheme', other);
  add('query_left_out', `"@target-uri" is ${uri}, with its query.`, '@target-uri', `${whole}${path}`);
  add('target_uri_is_path', `"@target-uri" is the whole address: ${uri}.`, '@target-uri', target);
}

function addFields(request: CheckedRequest, add: Add): void {
  const type = fieldValue(request.fields, 'content-type') ?? '';
  const [essence = ''] = type.split(';');
  const hint = `Sign Content-Type as it is sent: ${type}. HTTP clients like to add or drop a charset.`;
  const spellings = ['', ';charset=UTF-8', '; charset=UTF-8', ';charset=utf-8', '; charset=utf-8'];
  for (const spelling of spellings) add('content_type', hint, 'content-type', `${essence}${spelling}`);
  add('content_type', hint, 'content-type', '');
}

function addDigests({ fields, body }: CheckedRequest, add: Add): void {
  const sent = fieldValue(fields, 'content-digest');
  if (sent === undefined) return;
  const line = `Sign Content-Digest exactly as it is sent: ${sent}.`;
  for (const bytes of [Buffer.from(body), ...bodyVariants(body).map((variant) => variant.bytes)]) {
    add(
      'digest_of_other_body',
      `${line} What was signed is the digest of another form of the body.`,
      ...digestOf(bytes),
    );
  }
  const digest = createHash('sha256').update(body).digest();
  for (const text of [digest.toString('hex'), digest.toString('base64')]) {
    add('digest_without_label', line, 'content-digest', text);
    add('digest_without_label', line, 'content-digest', `sha-256=${text}`, true);
    add('digest_without_label', line, 'content-digest', `SHA-256=${text}`, true);
  }
}

function digestOf(bytes: Uint8Array): [name: string, value: string, alone: boolean] {
  return ['content-digest', contentDigest(bytes), true];
}

function titled(method: string): string {
  return `${method.slice(0, 1)}${method.slice(1).toLowerCase()}`;
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
