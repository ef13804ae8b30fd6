import { createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { SAMPLES } from '../../../src/doors/wellknown/guide.ts';
import { markdownToHtml } from '../../../src/doors/wellknown/markdown.ts';
import { problems } from '../../../src/http/problem-catalogue.ts';
import { diagnoseRequest } from '../../../src/trust/diagnosis/diagnose-request.ts';
import { readHttpText } from '../../../src/trust/diagnosis/read-http-text.ts';
import type { VerificationKey } from '../../../src/trust/import-key.ts';
import { keyAlgorithms } from '../../../src/trust/key-algorithm.ts';
import { toPublicNames } from '../../../src/trust/public-names.ts';
import { nativePolicy } from '../../../src/trust/signature-policy.ts';

const CREATED = 1_767_225_600;

function guide(name: string): string {
  return readFileSync(new URL(`../../../openapi/guide/${name}`, import.meta.url), 'utf8');
}

/** Fenced blocks by what stands after their opening. */
function blocks(text: string): Map<string, string> {
  const found = [...text.matchAll(/^```([^\n]+)\n(.*?)\n```$/gms)];
  return new Map(found.map(([, name = '', content = '']) => [name, content]));
}

describe.each(['signing.md', 'signing.zh.md'])('the worked example of %s', (file) => {
  const text = guide(file);
  const named = blocks(text);
  const part = (name: string): string => named.get(name) ?? '';
  const privateKey = createPrivateKey(part('key ed25519'));
  const key: VerificationKey = { id: 'guide-ed25519', alg: 'ed25519', keyObject: createPublicKey(privateKey) };

  test.each(['get', 'post'])(
    '%s: the base, signed with nothing but the key, gives the signature that is sent',
    (which) => {
      const value = sign(null, Buffer.from(part(`base ${which}`)), privateKey).toString('base64');
      expect(part(`request ${which}`)).toContain(`\nSignature: sig=:${value}:`);
    },
  );

  test.each(['get', 'post'])('%s: the request verifies, and its base is the one that is shown', (which) => {
    const reading = readHttpText(part(`request ${which}`));
    if (!reading.ok) throw new Error(reading.detail);
    const diagnosis = diagnoseRequest(reading.request, {
      names: toPublicNames(['https://api.example.com']),
      policy: nativePolicy,
      keys: { find: (id) => (id === key.id ? { key, party: null } : undefined) },
      nowSeconds: CREATED,
    });
    expect(diagnosis).toMatchObject({ verdict: 'ok', signatureBase: part(`base ${which}`) });
    if (which === 'post') expect(text).toContain(` ${reading.request.body.length} `);
  });

  test('the signatures by the shared secret are right', () => {
    const secret = Buffer.from(part('key hmac-sha256'), 'base64');
    for (const [, method = '', value] of part('signatures hmac-sha256').matchAll(/^(\w+) +sig=:(.+):$/gm)) {
      const base = part(`base ${method.toLowerCase()}`).replace('guide-ed25519', 'guide-hmac');
      expect(createHmac('sha256', secret).update(base).digest('base64')).toBe(value);
    }
    expect(part('signatures hmac-sha256').split('\n')).toHaveLength(2);
  });

  test('a newcomer is told how to come by a key, and no sample needs more than to be downloaded', () => {
    for (const step of ['openssl genpkey', 'openssl pkey', 'sluice keys add']) expect(text).toContain(step);
    const starts = [...text.matchAll(/`([^`]+) ORIGIN KEY_ID KEY_FILE`/g)].map(([, start = '']) => start);
    expect(starts).toHaveLength(SAMPLES.length);
    // A download is not executable.
    for (const start of starts) expect(start).toMatch(/^(?:bash|python3|java|php|go run|node) /);
  });

  test('every sample, every algorithm and every code of a 401 is named', () => {
    const codes = Object.entries(problems).filter(([code, { status }]) => status === 401 && code !== 'unauthorized');
    for (const [code] of codes) expect(text).toContain(`| \`${code}\` |`);
    for (const name of SAMPLES) expect(text).toContain(`](samples/${name})`);
    for (const name of keyAlgorithms) expect(text).toContain(`| \`${name}\` |`);
  });
});

test('both languages show the same numbers and the same anchors', () => {
  const [en, zh] = [guide('signing.md'), guide('signing.zh.md')];
  expect([...blocks(zh)]).toEqual([...blocks(en)]);
  const anchors = (text: string) => [...text.matchAll(/^<a id="(.+)"><\/a>$/gm)].map(([, id]) => id);
  expect(anchors(zh)).toEqual(anchors(en));
});

describe('the guide as a page', () => {
  test('has headings, tables, lists, code, links and anchors, and leaves no mark-up behind', () => {
    const html = markdownToHtml(guide('signing.md'));
    for (const tag of ['<h1>', '<h2>', '<table>', '<ol>', '<ul>', '<pre>', '<strong>', '<a id="diagnosis">']) {
      expect(html).toContain(tag);
    }
    expect(html).toContain('<a href="samples/curl.sh">curl.sh</a>');
    const words = html.replace(/<pre>.*?<\/pre>/gs, '').replace(/<code>.*?<\/code>/gs, '');
    expect(words).not.toMatch(/```|\*\*|^#|\]\(|\| ---/m);
  });

  test('shows text that looks like HTML as text, and follows no other kind of link', () => {
    expect(markdownToHtml('a <script>x</script> `<b>` [x](javascript:alert)')).toBe(
      '<p>a &#60;script&#62;x&#60;/script&#62; <code>&#60;b&#62;</code> [x](javascript:alert)</p>',
    );
  });

  test.each([
    ['| a | b |\n| --- | --- |\n| 1 | `x` |', '<th scope="col">a</th><th scope="col">b</th>'],
    ['1. one\n   more\n2. two', '<ol><li>one more</li><li>two</li></ol>'],
    ['one\ntwo\n\n- a\n- b', '<p>one two</p>\n<ul><li>a</li><li>b</li></ul>'],
    ['```\nno end', '<pre><code>no end</code></pre>'],
  ])('%j', (text, html) => {
    expect(markdownToHtml(text)).toContain(html);
  });
});
