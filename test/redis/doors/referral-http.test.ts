import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createReferralDoor } from '../../../src/doors/referral/referral-door.ts';
import { type OpenDoor, openDoor } from '../../support/open-door.ts';
import { startTestRedis, type TestRedis } from '../../support/redis.ts';
import { createTestReferral } from '../../support/referral.ts';

let redis: TestRedis;
let door: OpenDoor;

beforeAll(async () => {
  redis = await startTestRedis();
  const { deps } = await createTestReferral(redis);
  door = await openDoor((common) => createReferralDoor({ ...deps, ...common }), ['r', 'apply']);
});
afterAll(async () => {
  await door.close();
  await redis.close();
});

/** Status of the answer to a request written out by hand. */
function statusOf(target: string, headers: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(door.origin).port), '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    socket.on('close', () => resolve(Number(answer.split(' ')[1])));
    socket.on('error', reject);
    socket.write(`GET ${target} HTTP/1.1\r\n${[...headers, 'Connection: close'].join('\r\n')}\r\n\r\n`);
  });
}

describe('ambiguous HTTP is refused at the pages of links too', () => {
  const paths = ['/r/acme-home', `/apply/acme-home?click=clk_${'0'.repeat(32)}`, '/apply/acme-home/result?t=x'];

  test.each(paths)('%s with two Host headers', async (path) => {
    expect(await statusOf(path, ['Host: a.example', 'Host: b.example'])).toBe(400);
  });

  test.each(paths)('%s in absolute form to somebody else', async (path) => {
    expect(await statusOf(`http://evil.example${path}`, ['Host: evil.example'])).toBe(400);
  });

  test.each(paths)('%s by a path with dot segments', async (path) => {
    expect(await statusOf(`/x/..${path}`, ['Host: a.example'])).toBe(400);
  });

  test('a plain request under any one name is answered', async () => {
    expect(await statusOf('/r/acme-home', ['Host: a.example'])).toBe(302);
  });
});
