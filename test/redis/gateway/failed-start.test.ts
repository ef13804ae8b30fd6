import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { startGateway } from '../../../src/gateway.ts';
import { createDataDir, testVariables } from '../../support/gateway.ts';
import { freePort } from '../../support/gateway-child.ts';
import { startTestRedis } from '../../support/redis.ts';

test('a start that fails after it began to listen leaves no socket behind', async () => {
  const redis = await startTestRedis();
  const dataDir = createDataDir();
  const port = await freePort();
  // The projections cannot subscribe: by then the gateway listens.
  await redis.client.call('ACL', 'SETUSER', 'default', '-subscribe');
  const config = readConfig(testVariables(dataDir, { REDIS_URL: redis.url, PORT: String(port) }));
  await expect(startGateway(config, { say: () => undefined })).rejects.toThrow(/NOPERM/);
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow();
  await redis.close();
  rmSync(dataDir, { recursive: true, force: true });
});
