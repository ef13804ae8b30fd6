/** What happens on the form, without anything that was typed. */
export type PageFact =
  /** The first input was touched. */
  | { readonly kind: 'start' }
  /** Something is wrong beside an input: its name, and which fault. */
  | { readonly kind: 'fault'; readonly field: string; readonly fault: string }
  /** A button was pressed and its post is on its way. */
  | { readonly kind: 'post'; readonly step: 'otp' | 'apply' }
  /** A code was sent. */
  | { readonly kind: 'code_sent' }
  /** The application was taken in; the page is about to go on to the result. */
  | { readonly kind: 'applied' };

type Listener = (fact: PageFact) => void;

const listeners: Listener[] = [];

/** Hears everything from now on. */
export function onFact(listener: Listener): void {
  listeners.push(listener);
}

/** Tells all listeners. What listens must never keep an applicant from applying. */
export function tell(fact: PageFact): void {
  for (const listener of listeners) {
    try {
      listener(fact);
    } catch {
      // A listener's fault is its own.
    }
  }
}
