import { createHmac, timingSafeEqual } from 'node:crypto';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { z } from 'zod';
import { connectRedis } from '../../src/redis/connection.ts';
import { defineScript } from '../../src/redis/script.ts';

/**
 * The least that the two hot paths could be: Hono, an HMAC over the body, one zod schema, one EVALSHA, a small answer; and
 * Hono, one EVALSHA, a 302. What the gateway does beyond this is what its ratio measures.
 */
const [redisUrl = '', secretBase64 = ''] = process.argv.slice(2);
const secret = Buffer.from(secretBase64, 'base64');
const redis = await connectRedis({ url: redisUrl });

const remember = defineScript<'nonce', number>({
  file: new URL('./floor-remember.lua', import.meta.url),
  keys: ['nonce'],
  reply: Number,
});
const click = defineScript<'visitor' | 'log', string>({
  file: new URL('./floor-click.lua', import.meta.url),
  keys: ['visitor', 'log'],
  reply: String,
});

const schema = z.object({
  product_id: z.string().min(1).max(32),
  subject: z.object({
    phone: z.object({ md5: z.string().regex(/^[0-9a-f]{32}$/) }),
    id_number: z.object({ md5: z.string().regex(/^[0-9a-f]{32}$/) }),
  }),
});

const app = new Hono();
app.post('/v1/prechecks', async (c) => {
  const body = Buffer.from(await c.req.arrayBuffer());
  const given = Buffer.from(c.req.header('x-signature') ?? '', 'base64');
  const nonce = c.req.header('x-nonce') ?? '';
  const expected = createHmac('sha256', secret).update(nonce).update(body).digest();
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) return c.json({ code: 'signature' }, 401);
  const parsed = schema.safeParse(JSON.parse(body.toString('utf8')));
  if (!parsed.success) return c.json({ code: 'invalid' }, 422);
  const fresh = await remember.run(redis, { nonce: `floor:{a}:${nonce}` }, [330]);
  if (fresh !== 1) return c.json({ code: 'replay' }, 401);
  return c.json({ id: nonce, decision: 'accept', reason: null, valid_until: new Date().toISOString() });
});

let clicks = 0;
app.get('/r/:code', async () => {
  clicks += 1;
  const id = `${process.pid}-${clicks}`;
  const at = await click.run(redis, { visitor: `floor:{b}:${id}`, log: 'floor:{b}:log' }, [id]);
  return new Response(null, {
    status: 302,
    headers: { location: `https://lender.example/?click=${at}`, 'cache-control': 'no-store' },
  });
});

process.on('SIGTERM', () => process.exit(0));
serve({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) => process.stdout.write(`port ${port}\n`));
