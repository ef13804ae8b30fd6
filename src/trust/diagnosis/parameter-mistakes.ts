import type { BaseMistake, BaseText } from './base-text.ts';

/** More parameters than this have too many orders to try. */
const MAX_PERMUTED = 5;
/** `;key` and what it is set to, a string with its escapes or anything without a semicolon. */
const PARAMETER = /;\s*([a-z*][a-z0-9_\-.*]*)(?:=("(?:[^"\\]|\\.)*"|[^;]*))?/gy;

/** `@signature-params` as people write it in the base when it is not what they send in Signature-Input. */
export function parameterMistakes({ parameters }: BaseText): BaseMistake[] {
  if (parameters === null) return [];
  const end = listEnd(parameters);
  const list = parameters.slice(0, end);
  PARAMETER.lastIndex = end;
  const parts = [...parameters.matchAll(PARAMETER)].map(([part]) => part);
  const same = 'Sign "@signature-params" exactly as it stands in Signature-Input after the label';
  const mistake = (name: string, hint: string, text: string, alone?: boolean): BaseMistake => {
    return { mistake: name, hint, alone, alter: (base) => ({ ...base, parameters: text }) };
  };
  const found = [
    mistake('params_with_label', `${same}: without the label.`, `sig=${parameters}`),
    mistake('params_with_label', `${same}: without the label.`, `sig1=${parameters}`, true),
    mistake('params_missing', `${same}: with all parameters.`, list),
    mistake('params_unquoted', `${same}: with the quotes of strings.`, list + parts.join('').replaceAll('"', '')),
    mistake(
      'created_in_milliseconds',
      `${same}: created and expires in seconds.`,
      list + inMilliseconds(parts).join(''),
    ),
    ...parts.map((one) => {
      const others = parts.filter((part) => part !== one).join('');
      return mistake('params_missing', `${same}: ${one.slice(1)} is missing in what was signed.`, list + others, true);
    }),
  ];
  const orders = parts.length > MAX_PERMUTED ? [parts.toSorted()] : permutations(parts);
  const reordered = `${same}: with the parameters in the same order.`;
  found.push(...orders.map((order) => mistake('params_reordered', reordered, list + order.join(''), true)));
  return found;
}

/** Where the inner list ends: after the first closing bracket that is in no string. */
function listEnd(parameters: string): number {
  const list = /^\((?:"(?:[^"\\]|\\.)*"|[^")])*\)/.exec(parameters);
  return list === null ? parameters.length : list[0].length;
}

function inMilliseconds(parts: readonly string[]): string[] {
  return parts.map((part) => part.replace(/^(;\s*(?:created|expires)=\d+)$/, '$1000'));
}

function permutations(parts: readonly string[]): string[][] {
  if (parts.length < 2) return [[...parts]];
  return parts.flatMap((first, i) => permutations(parts.toSpliced(i, 1)).map((rest) => [first, ...rest]));
}
