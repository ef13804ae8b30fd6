import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { ARRIVING_LIMIT_BYTES, readBody } from '../../../src/http/read-body.ts';

const MEBIBYTE = Buffer.alloc(1024 * 1024);
const LIMIT_MEBIBYTES = ARRIVING_LIMIT_BYTES / MEBIBYTE.length;

/** A request whose body arrives as `emit('data', …)` says; the same bytes again and again, so that the test needs few. */
function arriving(): IncomingMessage {
  const headers = { 'transfer-encoding': 'chunked' };
  return Object.assign(new EventEmitter(), { headers, destroyed: false, pause() {} }) as unknown as IncomingMessage;
}

function read(incoming: IncomingMessage): Promise<Uint8Array> {
  return Promise.resolve(readBody(incoming, 2 * ARRIVING_LIMIT_BYTES));
}

describe('bodies that arrive slowly', () => {
  test('never take more memory than all of them together may', async () => {
    const slow = [arriving(), arriving()];
    const read1 = slow.map((one) =>
      read(one).then(
        () => 'read',
        (error) => error.code,
      ),
    );
    for (let count = 0; count < LIMIT_MEBIBYTES; count += 1) slow[count % 2]?.emit('data', MEBIBYTE);
    const late = arriving();
    const refused = read(late);
    late.emit('data', Buffer.from('{}'));
    await expect(refused).rejects.toMatchObject({ code: 'dependency_unavailable', headers: { 'Retry-After': '1' } });
    for (const one of slow) one.emit('close');
    expect(await Promise.all(read1)).toEqual(['request_malformed', 'request_malformed']);
  });

  test('leave nothing behind when they are read, too large or lost', async () => {
    for (let round = 0; round < 3; round += 1) {
      for (const end of ['end', 'close', 'error']) {
        const one = arriving();
        const outcome = read(one).catch(() => undefined);
        for (let count = 0; count < LIMIT_MEBIBYTES / 8; count += 1) one.emit('data', MEBIBYTE);
        one.emit(end);
        await outcome;
      }
      const long = arriving();
      const outcome = Promise.resolve(readBody(long, 10)).catch((error) => error.code);
      long.emit('data', MEBIBYTE);
      expect(await outcome).toBe('body_too_large');
    }
    const last = arriving();
    const whole = read(last);
    for (let count = 0; count < LIMIT_MEBIBYTES / 2; count += 1) last.emit('data', MEBIBYTE);
    last.emit('end');
    expect((await whole).length).toBe(ARRIVING_LIMIT_BYTES / 2);
  });
});
