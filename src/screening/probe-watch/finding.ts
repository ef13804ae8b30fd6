export const ALARM_KINDS = [
  'sequential_sweep',
  'masked_sweep',
  'hit_rate',
  'hash_only',
  'card_testing',
  'code_pumping',
  'traffic_quality',
] as const;
export type AlarmKind = (typeof ALARM_KINDS)[number];

/** Kinds that begin and end by what others judge: a watch over questions leaves them alone. */
export const JUDGED_ELSEWHERE: ReadonlySet<AlarmKind> = new Set(['traffic_quality']);

/** Sliding windows over real time. */
export const WATCH_WINDOWS = ['10m', '24h'] as const;
export type WindowName = (typeof WATCH_WINDOWS)[number];

/** What a detector has seen. */
export interface Finding {
  readonly kind: AlarmKind;
  readonly window: WindowName;
  /** Counts and shares that it rests on, by name. */
  readonly evidence: Readonly<Record<string, number>>;
}

/** While an alarm is on, its limits are lower by this: what hovers around a limit is one alarm, not many. */
export const STAYS_ON_AT = 0.5;

/** Four digits behind the point are enough for a person. */
export function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000;
}
