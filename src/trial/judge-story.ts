import { describeState, type SeenApplication } from './compare-state.ts';
import type { PostedEvent } from './judge-events.ts';
import type { Story } from './story.ts';
import type { TrialCheck } from './trial-check.ts';
import type { Finding } from './trial-setting.ts';

/** What became of a story. */
export interface PlayedStory {
  readonly story: Story;
  readonly seen: SeenApplication;
  readonly finding: Finding | null;
  readonly untried: string | null;
  /** What time brings was waited for, and came. */
  readonly laterMet: boolean;
}

/** The row of a story: where it came to, and whether the events that tell of it are those that should. */
export function judgeStory(played: PlayedStory, all: readonly PostedEvent[]): TrialCheck {
  const { story, seen, finding, untried, laterMet } = played;
  const row = { part: 'stories', id: story.key, title: story.title, section: 'try-stories' } as const;
  const own = all.filter(({ application_id: id }) => id === seen.id);
  if (finding !== null) {
    const rejected = rejectedAmong(own);
    const fix = rejected === '' ? finding.fix : 'Mend what was rejected first: the rows about events say how.';
    return { ...row, verdict: 'failed', found: `${finding.found}${rejected}`, fix };
  }
  const told = typesInOrder(own);
  // What was cut short for want of time is not looked into further than it came.
  const wanted =
    untried !== null && story.later === undefined
      ? []
      : [...story.events, ...(laterMet ? (story.laterEvents ?? []) : [])];
  const missing = firstMissing(wanted, told);
  if (missing !== null) {
    const found = `${describeState(seen)}, but ${missing} was not told in its place; told: ${told.join(', ') || 'nothing'}${rejectedAmong(own)}`;
    return { ...row, verdict: 'failed', found, fix: `Post, in this order: ${wanted.join(', ')}.` };
  }
  const unwanted = story.never?.find((type) => told.includes(type));
  if (unwanted !== undefined) {
    const fix = 'See /docs/guide/sandbox for what this ending stands for.';
    return { ...row, verdict: 'failed', found: `${unwanted} was told, which this ending never sees`, fix };
  }
  const state = describeState(seen);
  return { ...row, verdict: 'passed', found: untried === null ? state : `${state}; ${untried}`, fix: null };
}

/** Types of what counts, in the order in which it happened. */
function typesInOrder(events: readonly PostedEvent[]): string[] {
  const counting = events.filter(({ result, now }) => result === 'applied' || (result === 'held' && now === 'applied'));
  const sorted = [...counting].sort((one, other) => compareText(one.occurred_at ?? '', other.occurred_at ?? ''));
  return sorted.flatMap(({ type }) => type ?? []);
}

/** The first that does not follow those before it; null = all are there, whatever comes between. */
function firstMissing(wanted: readonly string[], told: readonly string[]): string | null {
  let at = 0;
  for (const type of wanted) {
    const found = told.indexOf(type, at);
    if (found < 0) return type;
    at = found + 1;
  }
  return null;
}

function rejectedAmong(events: readonly PostedEvent[]): string {
  const rejected = events.filter(({ result }) => result === 'rejected');
  const words = [...new Set(rejected.map(({ type, code }) => `${type ?? 'an event'} (${code})`))];
  return words.length === 0 ? '' : `; rejected: ${words.join(', ')}`;
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}
