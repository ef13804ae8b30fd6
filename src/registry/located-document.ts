import { isAlias, isMap, isNode, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { FieldPath, Finding, RegistryProblem } from './registry-problem.ts';
import { formatPath } from './registry-problem.ts';

/** A parsed YAML file that still knows where each value stood. */
export interface LocatedDocument {
  /** Relative path, for messages. */
  file: string;
  /** Plain data; `undefined` when the file could not be parsed. */
  value: unknown;
  problems: readonly RegistryProblem[];
  /** Gives a finding its line and column: the value, or where it is missing the nearest thing around it. */
  locate(finding: Finding): RegistryProblem;
}

/** YAML aliases resolved at most, so that a few nested anchors cannot fill the memory. */
const MAX_ALIASES = 100;

/**
 * Parses one YAML 1.2 file (core schema, so dates stay text; duplicate keys are errors).
 * Never throws: syntax errors are in `problems`, all of them.
 */
export function parseLocatedDocument(file: string, text: string): LocatedDocument {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true, prettyErrors: false, version: '1.2' });

  const problemAt = (finding: Omit<Finding, 'file'>, offset: number): RegistryProblem => {
    const { line, col } = lines.linePos(offset);
    const hint = finding.hint === undefined ? {} : { hint: finding.hint };
    const { code, message } = finding;
    return {
      file,
      line: Math.max(line, 1),
      column: Math.max(col, 1),
      path: formatPath(finding.path),
      message,
      code,
      ...hint,
    };
  };
  const locate = (finding: Finding) =>
    problemAt(finding, offsetOf(document.contents, finding.path, finding.at === 'key'));

  const problems = [...document.errors, ...document.warnings].map((fault) =>
    problemAt({ path: [], code: 'yaml_invalid', message: fault.message.split('\n')[0] ?? fault.code }, fault.pos[0]),
  );
  if (problems.length > 0) return { file, value: undefined, problems, locate };
  try {
    return { file, value: document.toJS({ maxAliasCount: MAX_ALIASES }), problems, locate };
  } catch (fault) {
    const message = fault instanceof Error ? fault.message : String(fault);
    return { file, value: undefined, problems: [problemAt({ path: [], code: 'yaml_invalid', message }, 0)], locate };
  }
}

/** Walks down as far as the document goes, remembering the offset of the last thing found. */
function offsetOf(root: unknown, path: FieldPath, wantKey: boolean): number {
  let node: unknown = root;
  let offset = startOf(root) ?? 0;
  for (const [depth, part] of path.entries()) {
    const step = stepInto(node, part);
    if (step === null) return offset;
    const isLast = depth === path.length - 1;
    const value = startOf(step.value);
    // A key without a value has an empty node that stands after the colon; the key says more.
    const preferKey = (isLast && wantKey) || value === undefined || isEmptyScalar(step.value);
    offset = (preferKey ? startOf(step.key) : value) ?? value ?? offset;
    node = step.value;
  }
  return offset;
}

function stepInto(node: unknown, part: string | number): { key: unknown; value: unknown } | null {
  if (isAlias(node)) return null;
  if (isSeq(node) && typeof part === 'number') {
    const item = node.items[part];
    return item === undefined ? null : { key: item, value: item };
  }
  if (!isMap(node)) return null;
  const pair = node.items.find(
    (item) => isPair(item) && String(isScalar(item.key) ? item.key.value : item.key) === String(part),
  );
  return pair === undefined ? null : { key: pair.key, value: pair.value };
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? (node as Node).range?.[0] : undefined;
}

function isEmptyScalar(node: unknown): boolean {
  return isScalar(node) && node.range != null && node.range[0] === node.range[1];
}
