import type { AlarmKind, WindowName } from './finding.ts';

/** Something about a partner's questions that a person should look at. Nothing is done about it by itself. */
export interface Alarm {
  readonly id: string;
  readonly partner_id: string;
  readonly kind: AlarmKind;
  /** RFC 3339, real time. */
  readonly raised_at: string;
  /** As of `last_seen_at`. */
  readonly window: WindowName;
  readonly evidence: Readonly<Record<string, number>>;
  readonly last_seen_at: string;
  /** null while it is on. */
  readonly ended_at: string | null;
  readonly acknowledged: Acknowledgement | null;
}

export interface Acknowledgement {
  /** Operator. */
  readonly by: string;
  readonly at: string;
  readonly reason: string;
}
