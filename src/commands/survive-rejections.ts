import type { EventEmitter } from 'node:events';

/**
 * Keeps a gateway alive when some promise was rejected with nobody waiting for it: one forgotten `catch` on one request must
 * not end the requests of everybody else. It is told on stderr, in one line, so that it is found and mended.
 * @param target the process
 */
export function surviveRejections(target: Pick<EventEmitter, 'on'>, say: (line: string) => void): void {
  target.on('unhandledRejection', (reason: unknown) => {
    const { name, message, stack } = reason instanceof Error ? reason : new Error(String(reason));
    const error = { type: name, message, stack };
    say(JSON.stringify({ level: 'error', time: new Date().toISOString(), err: error, msg: 'unhandled rejection' }));
  });
}
