/** What a lender is told about an application beyond the application itself and its drawdowns. */
export type MessageKind = keyof typeof MESSAGE_PATHS;

/** Where each kind of message goes, below the base URL of the core. */
export const MESSAGE_PATHS = {
  supplement: '/supplements',
  action: '/actions',
  card: '/cards',
  cancellation: '/cancellations',
  repayment: '/repayments',
} as const;

export function isMessageKind(text: string): text is MessageKind {
  return Object.hasOwn(MESSAGE_PATHS, text);
}

/** Every kind, for schemas. */
export const MESSAGE_KINDS = [
  'supplement',
  'action',
  'card',
  'cancellation',
  'repayment',
] as const satisfies readonly MessageKind[];
