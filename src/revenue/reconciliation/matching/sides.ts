import type { TheirRow } from '../reading/their-row.ts';
import {
  type Category,
  type Explanation,
  type OurSide,
  type ReconciledRow,
  SHOWN_MAX,
  type TheirSide,
} from './reconciled-row.ts';

/** A line of the statement as it is compared. */
export interface OurLine {
  readonly id: string;
  /** What it is known by under the kind of reference that the file uses; null = it has none. */
  readonly ref: string | null;
  readonly amount: bigint;
  /** Local days. */
  readonly occurred: string;
  readonly payable: string;
  /** Percent. */
  readonly rate: string | null;
  readonly base: bigint | null;
  /** Rule, event and kind: two lines of one event and rule under one reference may be one counted twice. */
  readonly what: string;
  readonly reverses: string | null;
}

/** A commission under the same reference that the statement does not list. */
export interface KnownLine {
  readonly id: string;
  readonly amount: bigint;
  readonly explanation: 'held' | 'late' | 'voided' | 'capped';
}

/** What is known of a reference beside the lines of the statement. */
export interface KnownRef {
  readonly lines: readonly KnownLine[];
  /** Why nothing was earned under it, where that is known. */
  readonly fact: Explanation | null;
}

/** Lines of ours that count as one: a line, or one with what corrects it. */
export interface OurUnit {
  readonly lines: readonly OurLine[];
  readonly amount: bigint;
}

export function unitOf(lines: readonly OurLine[]): OurUnit {
  return { lines, amount: lines.reduce((sum, { amount }) => sum + amount, 0n) };
}

/** By content, so that the order of the file's rows makes no difference; equal rows are interchangeable. */
export function compareTheirs(a: TheirRow, b: TheirRow): number {
  return (
    compareAmounts(a.amount, b.amount) ||
    compareDays(a.day, b.day) ||
    compareTexts(a.currency, b.currency) ||
    compareTexts(a.rate ?? '', b.rate ?? '') ||
    a.line - b.line
  );
}

export function compareOurs(a: OurLine, b: OurLine): number {
  return compareAmounts(a.amount, b.amount) || compareTexts(a.payable, b.payable) || compareTexts(a.id, b.id);
}

export function compareUnits(a: OurUnit, b: OurUnit): number {
  const [first] = a.lines;
  const [second] = b.lines;
  if (first === undefined || second === undefined) return 0;
  return compareAmounts(a.amount, b.amount) || compareOurs(first, second);
}

export interface RowParts {
  readonly category: Category;
  readonly theirs: readonly TheirRow[];
  readonly ours: readonly OurLine[];
  readonly currency: string;
  readonly explanation?: Explanation | null;
  readonly known?: string | null;
  /** Of a sum: what it is the sum of. */
  readonly key?: string;
}

/** A reconciled row of what was claimed on either side. */
export function rowOf(parts: RowParts): ReconciledRow {
  const { category, currency, explanation = null, known = null, key } = parts;
  const theirs = theirSide(parts.theirs);
  const ours = ourSide(parts.ours);
  const [line] = parts.theirs;
  const [commission] = parts.ours;
  const counted = theirs !== null && theirs.currency === currency ? theirs.amount : 0n;
  return {
    id: key ?? (line === undefined ? (commission?.id ?? '') : `line_${line.line}`),
    category,
    explanation,
    ref: line?.ref ?? commission?.ref ?? null,
    theirs,
    ours,
    difference: counted - (ours?.amount ?? 0n),
    why: null,
    known,
    proposals: [],
  };
}

function theirSide(rows: readonly TheirRow[]): TheirSide | null {
  const [first] = rows;
  if (first === undefined) return null;
  const lines = rows.map(({ line }) => line).sort((a, b) => a - b);
  return {
    lines: lines.slice(0, SHOWN_MAX),
    count: rows.length,
    amount: rows.reduce((sum, { amount }) => sum + amount, 0n),
    currency: first.currency,
    day: rows.length === 1 ? first.day : null,
    rate: rows.length === 1 ? first.rate : null,
  };
}

function ourSide(lines: readonly OurLine[]): OurSide | null {
  const [first] = lines;
  if (first === undefined) return null;
  return {
    commissions: lines.slice(0, SHOWN_MAX).map(({ id }) => id),
    count: lines.length,
    amount: lines.reduce((sum, { amount }) => sum + amount, 0n),
    day: lines.length === 1 ? first.payable : null,
    rate: lines.length === 1 ? first.rate : null,
  };
}

/** Days between two local days, ≥ 0. */
export function daysApart(a: string, b: string): number {
  return Math.abs(Date.parse(a) - Date.parse(b)) / 86_400_000;
}

function compareAmounts(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A row without a day comes last. */
function compareDays(a: string | null, b: string | null): number {
  return compareTexts(a ?? '~', b ?? '~');
}
