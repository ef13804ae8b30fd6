import pc from 'picocolors';
import type { Diagnosis, DiagnosisStep } from '../trust/diagnosis/diagnosis.ts';

/** A diagnosis as lines for a terminal: each step, the base that we compute, where another one differs, the verdict. */
export function diagnosisLines(diagnosis: Diagnosis, isTerminal: boolean): string {
  const colours = pc.createColors(isTerminal && pc.isColorSupported);
  const { steps, signatureBase, firstDifference, verdict } = diagnosis;
  const lines = steps.map((step) => stepLine(step, colours));
  if (signatureBase !== null) lines.push('', 'signature base:', ...signatureBase.split('\n').map(indented));
  if (firstDifference !== null) {
    const { line, ours, theirs } = firstDifference;
    lines.push('', `first difference, line ${line}:`, `  ours    ${shown(ours)}`, `  signed  ${shown(theirs)}`);
  }
  lines.push('', verdict === 'ok' ? colours.green('the request verifies') : colours.red(`refused: ${verdict}`));
  return lines.join('\n');
}

function stepLine(step: DiagnosisStep, colours: ReturnType<typeof pc.createColors>): string {
  const { ok, found, expected, hint, mistake } = step;
  const mark = ok === true ? colours.green('✓') : ok === false ? colours.red('✗') : colours.dim('-');
  const name = step.step.padEnd(NAME_WIDTH);
  if (ok !== false) return `${mark} ${name} ${colours.dim(found ?? hint ?? '')}`.trimEnd();
  const named = mistake === null ? '' : colours.dim(` [${mistake}]`);
  const facts = [...fact('expected', expected), ...fact('found', found)];
  return [`${mark} ${name} ${hint ?? ''}${named}`, ...facts].join('\n');
}

const NAME_WIDTH = 10;

function fact(what: string, value: string | null): string[] {
  return value === null ? [] : [`    ${what.padEnd(NAME_WIDTH)}${value}`];
}

function indented(line: string): string {
  return `  ${shown(line)}`;
}

/** Characters that a terminal would act upon are shown by their escapes. */
function shown(line: string | null): string {
  return line === null ? '(no such line)' : JSON.stringify(line).slice(1, -1).replaceAll('\\"', '"');
}
