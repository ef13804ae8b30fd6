import fc from 'fast-check';
import type { Wire } from './wire.ts';

/** What happens to a request on its way. */
export type Mutation = (wire: Wire) => Wire;

type Line = readonly [name: string, value: string];

const isNamed = ([name]: Line, wanted: string): boolean => name.toLowerCase() === wanted;
const withValue = (wire: Wire, name: string, change: (value: string) => string): Wire => ({
  ...wire,
  headers: wire.headers.map((line) => (isNamed(line, name) ? ([line[0], change(line[1])] as const) : line)),
});
const both = (wire: Wire, change: (value: string, name: string) => string): Wire =>
  withValue(
    withValue(wire, 'signature-input', (value) => change(value, 'input')),
    'signature',
    (value) => change(value, 'value'),
  );

/** Where in a text: the same fraction of any text. */
const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const at = (text: string, where: number): number => Math.floor(where * (text.length + 1));
const syntax = fc.constantFrom(...'();=,: "\\\t@%?*-a1A.', '\u00e9', '  ', ';x', ';x=1', ', a=1', '=?1');

/** A slip of the pen in one of the two fields. */
const slip = fc
  .tuple(fc.constantFrom('signature-input', 'signature-input', 'signature'), place, syntax, fc.constantFrom(0, 0, 1, 2))
  .map(
    ([field, where, text, dropped]): Mutation =>
      (wire) =>
        withValue(wire, field, (value) => {
          const index = at(value, where);
          return value.slice(0, index) + (dropped === 2 ? '' : text) + value.slice(index + dropped);
        }),
  );

/** White space where the syntax allows it, and near there. */
const spacing = fc
  .tuple(
    fc.constantFrom(/\(/g, /(?=\))/g, / /g, /;/g, /(?=;)/g, /,/g, /(?==)/g, /=/g, /^/g, /$/g),
    fc.constantFrom(' ', '  ', '\t', ' \t'),
    place,
  )
  .map(
    ([where, space, which]): Mutation =>
      (wire) =>
        withValue(wire, 'signature-input', (value) => {
          const found = [...value.matchAll(where)];
          const hit = found[Math.floor(which * found.length)];
          if (hit === undefined) return value;
          const end = hit.index + hit[0].length;
          return value.slice(0, end) + space + value.slice(end);
        }),
  );

/** Parameters in another order, or one of them with another value. */
const parameters = fc
  .tuple(
    fc.constantFrom(
      (text: string) => text.replace(/(;created=-?\d+)(;expires=-?\d+)/, '$2$1'),
      (text: string) => text.replace(/;created=/, ';created=1;created='),
      (text: string) => text.replace(/;created=(-?\d+)/, ';created=$1.0'),
      (text: string) => text.replace(/;created=(\d+)/, ';created=0$1'),
      (text: string) => text.replace(/;expires=(-?\d+)/, ';expires="$1"'),
      (text: string) => text.replace(/;expires=-?\d+/, ''),
      (text: string) => text.replace(/;nonce="([^"]*)"/, ';nonce=$1'),
      (text: string) => text.replace(/;nonce=/, ';nonse='),
      (text: string) => text.replace(/;keyid="[^"]*"/, ';keyid="test-key-ed25519"'),
      (text: string) => text.replace(/;tag="sluice"/, ';tag=sluice'),
      (text: string) => text.replace(/$/, ';alg="ed25519"'),
      (text: string) => text.replace(/"@method" ?/, ''),
      (text: string) => text.replace(/"@method"/, '"@method" "@method"'),
      (text: string) => text.replace(/("[^"]+") ("[^"]+")/, '$2 $1'),
      (text: string) => text.replace(/"content-type"/, '"content-type";sf'),
    ),
  )
  .map(
    ([change]): Mutation =>
      (wire) =>
        withValue(wire, 'signature-input', change),
  );

const LABEL = /^[a-z*][a-z0-9_.*-]*/;
/** Signatures of others beside ours, and labels that do not fit together. */
const labels = fc
  .constantFrom(
    (value: string) => value.replace(LABEL, 'renamed'),
    (value: string, field: string) => (field === 'input' ? value.replace(LABEL, 'renamed') : value),
    (value: string) => `${value}, ${value}`,
    (value: string, field: string) => (field === 'input' ? `${value}, ${value}` : value),
    (value: string, field: string) => (field === 'value' ? `${value}, cdn=:AAAA:` : value),
    (value: string, field: string) =>
      field === 'input' ? `cdn=("@authority");keyid="c";tag="cdn", ${value}` : `cdn=:AAAA:,${value}`,
    (value: string, field: string) => (field === 'input' ? `${value},\tcdn=();tag="cdn"` : `${value}, cdn=::`),
    (value: string, field: string) =>
      field === 'input' ? `${value}, two=("@method");tag="sluice"` : `${value}, two=:AAAA:`,
    (value: string, field: string) => (field === 'input' ? `${value}, cdn=();tag=sluice` : `${value}, cdn="text"`),
    (value: string, field: string) => (field === 'value' ? value.replace(/=:(.*):$/, '="$1"') : value),
    (value: string, field: string) => (field === 'value' ? value.replace(/=+:$/, ':') : value),
    (value: string, field: string) => (field === 'value' ? value.replace(/:$/, ':;x=1') : value),
    (value: string, field: string) => (field === 'value' ? value.replace(/.{8}:$/, ':') : value),
    (value: string, field: string) => (field === 'value' ? '' : value),
  )
  .map(
    (change): Mutation =>
      (wire) =>
        both(wire, change),
  );

/** Something else about the message. */
const message = fc
  .tuple(
    fc.constantFrom<(wire: Wire, where: number) => Wire>(
      (wire) => ({ ...wire, method: wire.method === 'GET' ? 'POST' : 'GET' }),
      (wire) => ({ ...wire, target: `${wire.target}x` }),
      (wire) => ({
        ...wire,
        target: wire.target.includes('?') ? wire.target.replace('?', '?z=1&') : `${wire.target}?`,
      }),
      (wire) => ({ ...wire, target: wire.target.replace(/%2F/, '%2f').replace(/%c3/, '%C3') }),
      (wire) => ({ ...wire, body: `${wire.body} ` }),
      (wire) => withValue(wire, 'host', () => 'evil.example'),
      (wire) => withValue(wire, 'host', (host) => host.toUpperCase()),
      (wire) => withValue(wire, 'content-type', () => 'text/plain'),
      (wire) => withValue(wire, 'content-digest', (value) => `${value}, sha-512=:AAAA:`),
      (wire) => withValue(wire, 'x-a', (value) => `${value}x`),
      (wire, where) => ({
        ...wire,
        headers: wire.headers.filter((_, i) => i !== Math.floor(where * wire.headers.length)),
      }),
      (wire, where) => ({
        ...wire,
        headers: [...wire.headers, ...wire.headers.slice(Math.floor(where * wire.headers.length)).slice(0, 1)],
      }),
    ),
    place,
  )
  .map(
    ([change, where]): Mutation =>
      (wire) =>
        change(wire, where),
  );

/** What a proxy may do, and no signature minds. */
const harmless = fc.constantFrom<Mutation>(
  (wire) => ({ ...wire, headers: wire.headers.map(([name, value]) => [name.toUpperCase(), value] as const) }),
  (wire) => ({ ...wire, headers: wire.headers.map(([name, value]) => [name, ` ${value}\t`] as const) }),
  (wire) => ({ ...wire, headers: [['X-Unsigned', 'a'], ...wire.headers] }),
  (wire) => ({
    ...wire,
    headers: wire.headers.flatMap(([name, value]) =>
      name.startsWith('x') && value.includes(', ')
        ? value.split(', ').map((part): Line => [name, part])
        : [[name, value] as const],
    ),
  }),
  (wire) => ({
    ...wire,
    headers: [...wire.headers].sort(([a], [b]) =>
      a.toLowerCase() < b.toLowerCase() ? -1 : a.toLowerCase() === b.toLowerCase() ? 0 : 1,
    ),
  }),
);

export const mutations: fc.Arbitrary<Mutation> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Mutation>((wire) => wire) },
  { weight: 4, arbitrary: harmless },
  { weight: 4, arbitrary: spacing },
  { weight: 5, arbitrary: slip },
  { weight: 3, arbitrary: parameters },
  { weight: 4, arbitrary: labels },
  { weight: 3, arbitrary: message },
);
