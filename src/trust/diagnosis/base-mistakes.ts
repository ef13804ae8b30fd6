import type { CheckedRequest } from '../raw-request.ts';
import type { BaseMistake, BaseText } from './base-text.ts';
import { parameterMistakes } from './parameter-mistakes.ts';
import { valueMistakes } from './value-mistakes.ts';

/** The usual mistakes for such a request, the commonest first. */
export function baseMistakes(request: CheckedRequest, base: BaseText, otherNames: readonly string[]): BaseMistake[] {
  return [...LAYOUT, ...valueMistakes(request, base, otherNames), ...parameterMistakes(base)];
}

const SORTED = 'Write the lines of the base in the order in which Signature-Input lists the components.';

const LAYOUT: readonly BaseMistake[] = [
  {
    mistake: 'base_trailing_newline',
    hint: 'The signature base has no line feed at its end: join the lines by "\\n" instead of ending each with one.',
    alter: (base) => ({ ...base, ending: base.lineEnd }),
  },
  {
    mistake: 'base_crlf',
    hint: 'Join the lines of the signature base by LF ("\\n"), not CRLF.',
    alter: (base) => ({ ...base, lineEnd: '\r\n', ending: base.ending === '' ? '' : '\r\n' }),
  },
  {
    mistake: 'base_without_space',
    hint: 'Put a colon and one space between a component and its value.',
    alter: (base) => ({ ...base, colon: ':' }),
  },
  {
    mistake: 'base_identifiers_unquoted',
    hint: 'Write component names in the base in double quotes: "@method": POST.',
    alter: (base) => ({ ...base, quoted: false }),
  },
  {
    mistake: 'base_without_params',
    hint: 'End the signature base with the line "@signature-params": and what follows the label in Signature-Input.',
    alter: (base) => ({ ...base, parameters: null }),
  },
  {
    mistake: 'base_lines_sorted',
    hint: SORTED,
    alter: (base) => ({ ...base, lines: base.lines.toSorted((a, b) => (a.identifier < b.identifier ? -1 : 1)) }),
  },
  {
    mistake: 'base_lines_reversed',
    hint: SORTED,
    alone: true,
    alter: (base) => ({ ...base, lines: base.lines.toReversed() }),
  },
  {
    mistake: 'base_identifier_case',
    hint: 'Write field names in the base in lower case: "content-type", not "Content-Type".',
    alter: (base) => ({
      ...base,
      lines: base.lines.map((line) => ({ ...line, identifier: line.identifier.replace(/\b[a-z]/g, upper) })),
    }),
  },
];

function upper(letter: string): string {
  return letter.toUpperCase();
}
