import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, LookupFunction } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { addressKind } from '../../../src/outbound/address-kind.ts';
import { createOutbound, type Outbound, type OutboundOptions } from '../../../src/outbound/create-outbound.ts';

const servers: Server[] = [];
const clients: Outbound[] = [];
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function outbound(options: Partial<OutboundOptions> = {}): Outbound {
  const client = createOutbound({ allowLoopback: true, ...options });
  clients.push(client);
  return client;
}

/** A resolver under an attacker's control: every name leads to these addresses. */
function resolvesTo(...addresses: string[]): LookupFunction {
  return (_hostname, _options, callback) => {
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
}

describe('which addresses are public', () => {
  test.each([
    ['loopback', ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1', '::ffff:7f00:1']],
    [
      'special',
      [
        ...['0.0.0.0', '10.0.0.1', '100.64.0.1', '169.254.169.254', '172.16.0.1', '172.31.255.255', '192.168.1.1'],
        ...[
          '198.18.0.1',
          '224.0.0.1',
          '255.255.255.255',
          '::',
          'fe80::1',
          'fd00:ec2::254',
          'ff02::1',
          '::ffff:10.0.0.1',
        ],
        ...['64:ff9b::a00:1', '2002:a00:1::', '2001:0:4136:e378:8000:63bf:3fff:fdd2', '2001:db8::1', 'example.com', ''],
      ],
    ],
    ['public', ['8.8.8.8', '172.32.0.1', '100.128.0.1', '2606:4700:4700::1111', '2a00:1450:4001::1']],
  ])('%s', (kind, addresses) => {
    for (const address of addresses) expect([address, addressKind(address)]).toEqual([address, kind]);
  });
});

describe('a URL that others choose does no harm', () => {
  test('an answer comes with status, headers and body', async () => {
    const url = await serve((_request, response) => response.setHeader('x-a', 'b').end('hello'));
    const answer = await outbound().fetchBounded({ url });
    expect(answer).toMatchObject({ ok: true, status: 200, headers: { 'x-a': 'b' }, body: Buffer.from('hello') });
  });

  test('in live neither http nor loopback is called', async () => {
    const called: string[] = [];
    const url = await serve((request, response) => {
      called.push(request.url ?? '');
      response.end();
    });
    const live = outbound({ allowLoopback: false });
    expect(await live.fetchBounded({ url })).toMatchObject({ ok: false, code: 'url_not_allowed' });
    const { port } = new URL(url);
    for (const host of ['127.0.0.1', '[::1]', '2130706433', '0x7f.1', 'localhost']) {
      const answer = await live.fetchBounded({ url: `https://${host}:${port}/` });
      expect([host, answer]).toMatchObject([host, { ok: false, code: 'address_not_allowed' }]);
    }
    expect(called).toEqual([]);
  });

  test.each(['10.1.2.3', '169.254.169.254', 'fd00:ec2::254', '127.0.0.1', '::ffff:169.254.169.254'])(
    'a name that resolves to %s is not called',
    async (address) => {
      const client = outbound({ allowLoopback: false, lookup: resolvesTo(address) });
      const answer = await client.fetchBounded({ url: 'https://partner.example/keys' });
      expect(answer).toMatchObject({ ok: false, code: 'address_not_allowed' });
    },
  );

  test('one private address among public ones is enough to refuse a name', async () => {
    const client = outbound({ allowLoopback: false, lookup: resolvesTo('8.8.8.8', '10.0.0.1') });
    const answer = await client.fetchBounded({ url: 'https://partner.example/keys' });
    expect(answer).toMatchObject({ ok: false, code: 'address_not_allowed' });
  });

  test('in sandbox http leads to loopback only', async () => {
    const client = outbound({ lookup: resolvesTo('8.8.8.8') });
    expect(await client.fetchBounded({ url: 'http://partner.example/' })).toMatchObject({
      ok: false,
      code: 'address_not_allowed',
    });
    expect(await client.fetchBounded({ url: 'http://10.0.0.1/' })).toMatchObject({ code: 'address_not_allowed' });
  });

  test('a redirect is an answer and is not followed', async () => {
    const followed: string[] = [];
    const url = await serve((request, response) => {
      followed.push(request.url ?? '');
      response.writeHead(302, { location: 'http://127.0.0.1:1/secret' }).end();
    });
    expect(await outbound().fetchBounded({ url })).toMatchObject({ ok: true, status: 302 });
    expect(followed).toEqual(['/']);
  });

  test('a body that is too long is cut off, with and without a declared length', async () => {
    const tenMegabytes = Buffer.alloc(10 * 1024 * 1024, 'a');
    const chunked = await serve((_request, response) => response.write(tenMegabytes));
    const declared = await serve((_request, response) => response.end(tenMegabytes));
    for (const url of [chunked, declared]) {
      expect(await outbound().fetchBounded({ url })).toMatchObject({ ok: false, code: 'too_large' });
    }
  });

  test('whoever hangs, before the head or within the body, is given up in time', async () => {
    const silent = await serve(() => undefined);
    const dripping = await serve((_request, response) => {
      const timer = setInterval(() => response.write('a'), 20);
      response.on('close', () => clearInterval(timer));
    });
    for (const url of [silent, dripping]) {
      const startedMs = performance.now();
      expect(await outbound().fetchBounded({ url, timeoutMs: 200 })).toMatchObject({ ok: false, code: 'timeout' });
      expect(performance.now() - startedMs).toBeLessThan(1_000);
    }
  });

  test('a host that is not there, text that is no URL and credentials in one are told apart', async () => {
    const client = outbound();
    expect(await client.fetchBounded({ url: 'http://127.0.0.1:1/' })).toMatchObject({ code: 'unreachable' });
    expect(await client.fetchBounded({ url: 'nonsense' })).toMatchObject({ code: 'url_not_allowed' });
    expect(await client.fetchBounded({ url: 'https://a:b@example.com/' })).toMatchObject({ code: 'url_not_allowed' });
    expect(await client.fetchBounded({ url: 'file:///etc/passwd' })).toMatchObject({ code: 'url_not_allowed' });
  });
});
