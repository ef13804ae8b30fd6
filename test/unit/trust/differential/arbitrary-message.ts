import fc from 'fast-check';

/** A request to be signed, and how. */
export interface Draft {
  readonly method: string;
  /** As on the wire. */
  readonly host: string;
  readonly target: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: string;
  /** Component identifiers as they stand in Signature-Input. */
  readonly covered: readonly string[];
  /** Seconds after now. */
  readonly createdIn: number;
  readonly lifetime: number;
  readonly nonce: string;
  readonly tag: string | undefined;
  readonly label: string;
  readonly keyId: string;
  /** Further parameters, as text. */
  readonly further: readonly (readonly [name: string, value: string])[];
}

const char = (alphabet: string, maxLength: number, minLength = 0) =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });
const weighted = <T>(usual: number, often: fc.Arbitrary<T>, rarely: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: usual, arbitrary: often }, { weight: 1, arbitrary: rarely });

const some = (list: readonly string[], most: number): fc.Arbitrary<string[]> =>
  fc.subarray([...list], { maxLength: Math.min(most, list.length) });

const plainSegment = char('abzAZ019-_~.', 5, 1).filter((segment) => !/^\.{1,2}$/.test(segment));
const escaped = fc.constantFrom('%20', '%2F', '%2f', '%E4%BD%A0', '%c3%a9', '%25', '%252e', '%3A', '%40', '%60', '%5B');
const oddSegment = fc.array(fc.oneof(escaped, char('ab!$&\'()*+,;=:@|^{}<>"`', 2, 1)), { minLength: 1, maxLength: 4 });
const ambiguousSegment = fc.constantFrom(
  '.',
  '..',
  '%2e',
  '%2E.',
  '',
  '%41',
  '%7e',
  '%00',
  '%1F',
  '%7F',
  '%5C',
  '%zz',
  '%2',
  'a\\b',
  'a#b',
  'a b',
  'é',
  '%30',
  '%4a',
  '%5f',
);
const segment = fc.oneof(
  { weight: 60, arbitrary: plainSegment },
  { weight: 30, arbitrary: oddSegment.map((parts) => parts.join('')) },
  { weight: 1, arbitrary: ambiguousSegment },
);
const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((segments) => `/${segments.join('/')}`);
const pair = fc.tuple(
  fc.constantFrom('a', 'b', 'Pet', '%61', 'x+y', '', 'q!'),
  fc.option(char("ab1%20+/?:@!$'()*,;=~|^[]", 6), { nil: undefined }),
);
const query = weighted(
  40,
  fc.oneof(
    fc.constant(''),
    fc.constantFrom('?', '?&', '?=', '?%', '??', '?a=%E4%BD%A0', '?a=%zz', '?/..//', '?a=1&a=2'),
    fc
      .array(pair, { minLength: 1, maxLength: 3 })
      .map((pairs) => `?${pairs.map(([name, value]) => (value === undefined ? name : `${name}=${value}`)).join('&')}`),
  ),
  fc.constantFrom('?a#b', '?a b', '?é'),
);

const dictionaryText = fc
  .array(fc.constantFrom('a=1', 'b="x y"', 'c', 'a=2', 'd=(1 2);q', 'e=:AAE=:', 'f=?0', 'g=1.50', 'u=3;i'), {
    minLength: 1,
    maxLength: 4,
  })
  .map((members) => members.join(', '));
const fieldText = fc.oneof(
  { weight: 20, arbitrary: char('ab1 \t,;="\\\'()@?-', 8) },
  { weight: 8, arbitrary: dictionaryText },
  { weight: 2, arbitrary: fc.constant('') },
  { weight: 2, arbitrary: fc.constantFrom('a\r\n b', 'a \r\n\t b', 'a\r\n  b\r\n c') },
  { weight: 1, arbitrary: fc.constantFrom('caf\u00e9', '\u0080', 'a\u00a0b') },
);
const FIELD_NAMES = ['x-a', 'x-b', 'X-C', 'cache-control', 'priority', 'want-content-digest', 'X-Dict'];
const headers = fc.array(fc.tuple(fc.constantFrom(...FIELD_NAMES), fieldText), { maxLength: 5 }).chain((lines) =>
  weighted(
    30,
    fc.constant(lines),
    fc
      .constantFrom('date', 'content-type', 'Authorization')
      .map((name) => [...lines, [name, 'x'] as [string, string], [name, 'x'] as [string, string]]),
  ),
);

/** Identifiers that can be covered where the message has them. */
const FURTHER = [
  ...['"@scheme"', '"@request-target"', '"@target-uri"', '"content-length"', '"host"'],
  ...FIELD_NAMES.map((name) => `"${name.toLowerCase()}"`),
  ...['"priority";key="u"', '"x-dict";key="a"', '"x-dict";key="d"', '"content-digest";key="sha-256"'],
];
/** … that few libraries know. */
const UNCOMMON = [
  ...['"priority";sf', '"want-content-digest";sf', '"x-a";bs', '"x-dict";bs', '"x-b";tr'],
  ...[
    '"@query-param";name="a"',
    '"@query-param";name="Pet"',
    '"@query-param";name="x%20y"',
    '"@query-param";name="q%21"',
  ],
];
/** … that nobody may cover in a request. */
const FORBIDDEN = [
  ...['"@status"', '"@foo"', '"X-A"', '"@signature-params"', '"@method";req', '"x-a";unknown', '"@query-param"', 'x-a'],
  ...[
    '"x-a";bs;sf',
    '"x-a";key=a',
    '"@path";sf',
    '"@method";key="a"',
    '"x-a";req=?0',
    '"x a"',
    '"x-a";key="a";key="b"',
  ],
];

const covered = (required: readonly string[], parts: Parts): fc.Arbitrary<string[]> =>
  fc
    .tuple(
      weighted(
        12,
        fc.oneof(
          { weight: 5, arbitrary: fc.constant([...required]) },
          {
            weight: 1,
            arbitrary: fc.constant([
              '"@target-uri"',
              ...required.filter((one) => !/@(authority|path|query)/.test(one)),
            ]),
          },
        ),
        fc.subarray([...required]),
      ),
      weighted(
        20,
        some(
          FURTHER.filter((identifier) => isPresent(identifier, parts)),
          4,
        ),
        fc.subarray(FURTHER, { maxLength: 4 }),
      ),
      weighted(
        3,
        fc.constant([] as string[]),
        some(
          UNCOMMON.filter((identifier) => isPresent(identifier, parts)),
          2,
        ),
      ),
      weighted(
        30,
        fc.constant([] as string[]),
        fc.constantFrom(...FORBIDDEN, '"@method"').map((one) => [one]),
      ),
    )
    .chain(([all, ...more]) => {
      const list = [...all, ...more.flat().filter((one) => one === '"@method"' || !all.includes(one))];
      return fc.shuffledSubarray(list, { minLength: list.length });
    });

/** Whether the request has what the identifier names, as far as the text shows. */
function isPresent(identifier: string, { query, body, headers }: Parts): boolean {
  const [, name = '', parameter = ''] = /^"([^"]*)"(?:;(?:key|name)="([^"]*)")?/.exec(identifier) ?? [];
  if (name === '@query-param') return query.includes(`${decodeURIComponent(parameter).replace(' ', '+')}=`);
  if (name.startsWith('@') || name === 'host') return true;
  if (name.startsWith('content-')) return body !== '';
  const values = headers.filter((line) => line[0].toLowerCase() === name).map(([, value]) => value);
  return values.some((value) => value.includes(parameter));
}

interface Parts {
  readonly query: string;
  readonly body: string;
  readonly headers: readonly (readonly [string, string])[];
}

const quoted = char('ab 1"\\();=,@', 5).map((text) => `"${text.replace(/["\\]/g, '\\$&')}"`);
const further = fc.uniqueArray(
  fc.oneof(
    fc.tuple(
      fc.constantFrom('x', 'y-z', '*a', 'z.1'),
      fc.oneof(quoted, fc.constantFrom('1', '-7', '1.5', 'token', 't/k:1', '?1', '?0', ':AAE=:')),
    ),
    fc.tuple(
      fc.constant('alg'),
      weighted(8, fc.constant('"hmac-sha256"'), fc.constantFrom('"ed25519"', 'hmac-sha256')),
    ),
  ),
  { selector: ([name]) => name, maxLength: 2 },
);

const created = weighted(
  12,
  fc.constantFrom(0, -1, -10, 5),
  fc.constantFrom(-400, -331, -330, -329, -90, 29, 30, 31, 90),
);
const lifetime = weighted(20, fc.constantFrom(60, 1, 300), fc.constantFrom(0, -1, 301, 86_400));
const nonce = weighted(30, char('abc019-_', 12, 1), fc.constantFrom('', 'n'.repeat(256), 'n'.repeat(257), 'a"b\\c'));

/** Requests, most of them fit to be accepted, and how they are signed. */
export const drafts: fc.Arbitrary<Draft> = fc
  .tuple(path, query, headers, weighted(3, fc.constantFrom('{"a":1}', '[]', '\u0000'), fc.constant('')))
  .chain(([path, query, lines, body]) => {
    const required = ['"@method"', '"@authority"', '"@path"', ...(query === '' ? [] : ['"@query"'])];
    const withBody = body === '' ? required : [...required, '"content-type"', '"content-digest"'];
    return fc.record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'PROPFIND'),
      host: weighted(
        25,
        fc.constantFrom('api.example.com', 'API.example.COM', 'api.example.com:443', '127.0.0.1:8787'),
        fc.constantFrom('evil.example', 'api.example.com:80'),
      ),
      target: fc.constant(`${path}${query}`),
      headers: fc.constant(lines),
      body: fc.constant(body),
      covered: covered(withBody, { query, body, headers: lines }),
      createdIn: created,
      lifetime,
      nonce,
      tag: weighted(25, fc.constant<string | undefined>('sluice'), fc.constantFrom('Sluice', 'other', '', undefined)),
      label: fc.constantFrom('sig', 'sig1', '*x', 'a.b-c_d'),
      keyId: fc.oneof(
        { weight: 20, arbitrary: fc.constant('test-shared-secret') },
        { weight: 2, arbitrary: fc.constantFrom('test-key-ed25519', 'test-key-ecc-p256') },
        { weight: 1, arbitrary: fc.constant('nobody') },
      ),
      further,
    });
  });
