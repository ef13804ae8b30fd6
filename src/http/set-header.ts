import type { DoorContext } from './request-context.ts';

/**
 * Sets a header on an answer that the operation did not set itself. On a socket it goes to the outgoing message: making a
 * `Headers` object of a plain answer costs more than all other work on the answer.
 */
export function setHeader<P>(c: DoorContext<P>, response: Response, name: string, value: string): void {
  const outgoing = c.env?.outgoing;
  if (outgoing !== undefined) outgoing.setHeader(name, value);
  else if (!response.headers.has(name)) response.headers.set(name, value);
}
