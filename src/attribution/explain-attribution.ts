import type { VerdictRule } from '../base/verdict.ts';
import { type Language, RULE_TEXTS, SUBJECT_TEXTS, type Told, WHY_TEXTS } from './attribution-texts.ts';

/** One sentence on a candidate: what it was, and why it won or lost. */
export function explainCandidate(told: Told, language: Language): string {
  const subject = SUBJECT_TEXTS[language](told, age(told.ageSeconds, language));
  const why = WHY_TEXTS[language][told.why] ?? WHY_TEXTS[language].not_counted;
  return `${subject}${language === 'zh' ? '：' : ': '}${fill(why ?? '', told, language)}`;
}

/** The whole verdict in a few sentences. @param winner undefined = nobody won */
export function explainVerdict(
  verdict: {
    readonly rule: VerdictRule;
    readonly model: 'first_valid' | 'last_valid';
    readonly winner: Told | undefined;
    readonly losers: number;
    readonly terms: Readonly<Record<string, string>>;
  },
  language: Language,
): string {
  const texts = RULE_TEXTS[language];
  const { rule, winner, losers, model } = verdict;
  const who = texts.who(winner?.whose ?? 'nobody');
  const sentences = [
    texts.rule[rule](who, winner && age(winner.ageSeconds, language), winner?.kind ?? null, model),
    texts.others(losers, winner !== undefined),
    texts.terms(Object.entries(verdict.terms).map(([contract, id]) => `${id} (${contract})`)),
  ].filter((sentence) => sentence !== '');
  return sentences.join(language === 'zh' ? '' : ' ');
}

function fill(text: string, { window }: Told, language: Language): string {
  const seconds = window ? String(window.min_seconds) : '?';
  const days = window ? String(window.max_days) : '?';
  if (window === null && /\{(seconds|days)\}/.test(text)) return WHY_TEXTS[language].outside_window ?? '';
  return text.replace('{seconds}', seconds).replace('{days}', days);
}

const UNITS = [
  { seconds: 86_400, en: 'day', zh: '天' },
  { seconds: 3_600, en: 'hour', zh: '小时' },
  { seconds: 60, en: 'minute', zh: '分钟' },
  { seconds: 1, en: 'second', zh: '秒' },
] as const;

/** An age in the largest unit of which there is at least one, rounded down. */
function age(ageSeconds: number, language: Language): string {
  const seconds = Math.abs(ageSeconds);
  const unit = UNITS.find((one) => seconds >= one.seconds) ?? UNITS[3];
  const count = Math.floor(seconds / unit.seconds);
  return language === 'zh' ? `${count} ${unit.zh}` : `${count} ${unit.en}${count === 1 ? '' : 's'}`;
}
