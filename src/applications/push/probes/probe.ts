/** How a probe's requests are signed. */
export type ProbeSignature =
  | 'right'
  /** Not at all. */
  | 'none'
  /** One bit of the signature is another one. */
  | 'wrong'
  /** Right, of another body than the one that is sent. */
  | 'other_body'
  /** Right, and over for five minutes. */
  | 'expired'
  /** By a key that is in nobody's set. */
  | 'unknown_key';

/** What of an application a probe sends. */
export type ProbeContent =
  /** The application once more, byte for byte as it was delivered. */
  | 'same'
  /** Another application, for a product that there is not. */
  | 'unknown_product'
  /** Papers that nobody asked for, with a field that nobody knows. */
  | 'unknown_field'
  /** Papers of 200 KiB. */
  | 'large';

/** What a core that is right answers. */
export type ProbeExpectation =
  /** 401. */
  | 'unauthorised'
  /** `duplicate`, under the same reference as before. */
  | 'duplicate'
  /** 4xx that is not repeated. */
  | 'refused'
  /** 200 or 202 with a readable answer. */
  | 'answered';

export interface Probe {
  readonly signature: ProbeSignature;
  readonly content: ProbeContent;
  /** Requests that are sent at the same time. */
  readonly requests: number;
  readonly expects: ProbeExpectation;
}

/** Everything that a lender's core can be probed with. */
export const PROBES = {
  unsigned: { signature: 'none', content: 'same', requests: 1, expects: 'unauthorised' },
  wrong_signature: { signature: 'wrong', content: 'same', requests: 1, expects: 'unauthorised' },
  other_body: { signature: 'other_body', content: 'same', requests: 1, expects: 'unauthorised' },
  expired_signature: { signature: 'expired', content: 'same', requests: 1, expects: 'unauthorised' },
  unknown_key: { signature: 'unknown_key', content: 'same', requests: 1, expects: 'unauthorised' },
  redelivery: { signature: 'right', content: 'same', requests: 1, expects: 'duplicate' },
  at_once: { signature: 'right', content: 'same', requests: 2, expects: 'duplicate' },
  unknown_product: { signature: 'right', content: 'unknown_product', requests: 1, expects: 'refused' },
  unknown_field: { signature: 'right', content: 'unknown_field', requests: 1, expects: 'answered' },
  large_body: { signature: 'right', content: 'large', requests: 1, expects: 'answered' },
} as const satisfies Readonly<Record<string, Probe>>;

export type ProbeName = keyof typeof PROBES;

export const PROBE_NAMES = Object.keys(PROBES) as [ProbeName, ...ProbeName[]];

/** One request of a probe and what came of it. */
export interface ProbeExchange {
  /** null = no answer came. */
  readonly status: number | null;
  /** Why none came: `timeout`, `econnrefused`, …; null when one did. */
  readonly error: string | null;
  readonly tookMs: number;
  /** As it came; may repeat personal data, so it is judged and dropped. */
  readonly body: string;
}

export type ProbeFaultCode =
  | 'no_answer'
  | 'wrong_status'
  | 'answer_invalid'
  | 'not_a_duplicate'
  | 'lender_ref_missing'
  | 'lender_ref_changed'
  | 'slow';

/** Something about an answer that is not as it should be. */
export interface ProbeFault {
  readonly code: ProbeFaultCode;
  /** Works, and could be better: everything else is wrong. */
  readonly minor: boolean;
  /** RFC 6901, into the answer; null = it is not about one place. */
  readonly pointer: string | null;
  /** Never quotes the answer beyond its status and result. */
  readonly message: string;
}
