import { SingleBar } from 'cli-progress';
import Table from 'cli-table3';
import pc from 'picocolors';
import type { GuideSection, TrialCheck, TrialPart, TrialReport, TrialVerdict } from '../trial/trial-check.ts';

const PARTS: readonly (readonly [TrialPart, string])[] = [
  ['core', 'How the core answers'],
  ['stories', 'The sandbox set'],
  ['events', 'Events that it posted'],
];
const SIGNS: Readonly<Record<TrialVerdict, string>> = { passed: '✓', failed: '✗', noted: '!', skipped: '–' };
/** Rows stand close together. */
const NO_LINES = { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' };
/** A terminal that does not say how wide it is. */
const WIDTH_DEFAULT = 120;
const FOUND_SHARE = 0.5;
const FOUND_MIN = 40;

/** The checks as a table a part, then what to do about what is not right. */
export function trialTable(report: TrialReport, url: string): string {
  const isTerminal = process.stdout.isTTY === true;
  const colours = pc.createColors(isTerminal && pc.isColorSupported);
  const width = process.stdout.columns ?? WIDTH_DEFAULT;
  const paint = { passed: colours.green, failed: colours.red, noted: colours.yellow, skipped: colours.dim };
  const parts = PARTS.flatMap(([part, title]) => {
    const checks = report.checks.filter((check) => check.part === part);
    if (checks.length === 0) return [];
    const colWidths = [null, null, Math.max(FOUND_MIN, Math.floor(width * FOUND_SHARE))];
    const head = ['', title, 'found'];
    const table = new Table({ head, colWidths, chars: NO_LINES, wordWrap: true, style: { head: [], border: [] } });
    for (const { verdict, id, title: what, found } of checks) {
      const name = part === 'stories' && id !== what ? `${id}  ${what}` : what;
      table.push([paint[verdict](SIGNS[verdict]), name, found]);
    }
    return [table.toString()];
  });
  const advice = adviceOf(report.checks, url).map(({ check, text, link }) => {
    return `${paint[check.verdict](SIGNS[check.verdict])} ${check.id}: ${text}\n  ${colours.dim(link)}`;
  });
  const lines = [...parts, ...(advice.length === 0 ? [] : [`What to do\n${advice.join('\n')}`]), closing(report)];
  return `${lines.join('\n\n')}\n`;
}

function adviceOf(checks: readonly TrialCheck[], url: string) {
  const wrong = checks.filter(({ verdict, fix }) => (verdict === 'failed' || verdict === 'noted') && fix !== null);
  const sorted = [...wrong].sort((one, other) => rank(one) - rank(other));
  return sorted.map((check) => ({ check, text: check.fix ?? '', link: linkOf(url, check.section) }));
}

function rank({ verdict }: TrialCheck): number {
  return verdict === 'failed' ? 0 : 1;
}

function linkOf(url: string, section: GuideSection): string {
  return `${url}/docs/guide/lenders#${section}`;
}

function closing({ lender, product, partner, seed, checks, leftOpen, daysMoved }: TrialReport): string {
  const count = (verdict: TrialVerdict): number => checks.filter((check) => check.verdict === verdict).length;
  const counts = `${count('passed')} passed, ${count('failed')} failed, ${count('noted')} to look at, ${count('skipped')} not tried`;
  const open = leftOpen === 0 ? '' : ` ${leftOpen} applications could not be ended.`;
  const moved = daysMoved === 0 ? '' : ` The sandbox clock was moved by ${daysMoved} days.`;
  return `${lender}, ${product}, as ${partner}: ${counts}. Again with the same people: --seed ${seed}.${open}${moved}`;
}

export interface TrialProgress {
  readonly tell: (step: string, done: number, total: number) => void;
  readonly stop: () => void;
}

/** A bar on a terminal, and nothing elsewhere. */
export function startTrialProgress(): TrialProgress {
  if (process.stderr.isTTY !== true) return { tell: () => undefined, stop: () => undefined };
  const bar = new SingleBar({ format: '{step} {bar} {value}/{total}', clearOnComplete: true, stream: process.stderr });
  let isStarted = false;
  return {
    tell(step, done, total) {
      if (isStarted) bar.setTotal(total);
      else bar.start(total, done, { step });
      isStarted = true;
      bar.update(done, { step });
    },
    stop: () => bar.stop(),
  };
}
