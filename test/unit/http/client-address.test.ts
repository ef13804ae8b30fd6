import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { clientAddress } from '../../../src/http/client-address.ts';
import { createDataDir } from '../../support/gateway.ts';

const PROXIES = ['10.0.0.0/8', '2001:db8:ffff::/48'];

describe('X-Forwarded-For', () => {
  test('from anybody else than a trusted proxy is not believed, whatever it says', () => {
    fc.assert(
      fc.property(fc.ipV4(), fc.string(), (socket, field) => {
        fc.pre(!socket.startsWith('10.'));
        expect(clientAddress(socket, field, PROXIES)).toBe(socket);
        expect(clientAddress(socket, field, [])).toBe(socket);
      }),
    );
  });

  test.each([
    ['10.0.0.1', '192.0.2.7', '192.0.2.7'],
    ['10.0.0.1', '192.0.2.9, 192.0.2.7', '192.0.2.7'],
    ['10.0.0.1', '192.0.2.9, 192.0.2.7, 10.1.1.1', '192.0.2.7'],
    ['10.0.0.1', '192.0.2.9,192.0.2.7 , 10.1.1.1,10.2.2.2', '192.0.2.7'],
    ['10.0.0.1', '10.3.3.3, 10.1.1.1', '10.3.3.3'],
    ['10.0.0.1', undefined, '10.0.0.1'],
    ['10.0.0.1', '', '10.0.0.1'],
    ['10.0.0.1', '192.0.2.7, unknown', '10.0.0.1'],
    ['10.0.0.1', '192.0.2.7, unknown, 10.1.1.1', '10.1.1.1'],
    ['10.0.0.1', '192.0.2.7:4711', '192.0.2.7'],
    ['10.0.0.1', '[2001:db8::5]:4711', '2001:db8::5'],
    ['10.0.0.1', '::ffff:192.0.2.7', '192.0.2.7'],
    ['10.0.0.1', '::FFFF:192.0.2.7', '192.0.2.7'],
    ['10.0.0.1', '::ffff:c000:207', '192.0.2.7'],
    ['10.0.0.1', '[::FFFF:C000:0207]:4711', '192.0.2.7'],
    ['10.0.0.1', '::ffff:0:1', '0.0.0.1'],
    ['10.0.0.1', '1::ffff:c000:207', '1::ffff:c000:207'],
    ['10.0.0.1', '192.0.2.7, ::ffff:a01:101', '192.0.2.7'],
    ['::ffff:10.0.0.1', '192.0.2.7', '192.0.2.7'],
    ['2001:db8:ffff::1', '192.0.2.7', '192.0.2.7'],
    ['fe80::1%eth0', '192.0.2.7', 'fe80::1'],
    ['', '192.0.2.7', ''],
  ])('of the socket %s, saying %s, names %s', (socket, field, client) => {
    expect(clientAddress(socket, field, PROXIES)).toBe(client);
  });
});

describe('SLUICE_TRUSTED_PROXIES', () => {
  const read = (text: string) => readConfig({ SLUICE_DATA: createDataDir(), SLUICE_TRUSTED_PROXIES: text });

  test('takes addresses and CIDR blocks', () => {
    expect(read('10.0.0.0/8, 192.0.2.1,2001:db8::/32').trustedProxies).toEqual([
      '10.0.0.0/8',
      '192.0.2.1',
      '2001:db8::/32',
    ]);
    expect(read('').trustedProxies).toEqual([]);
  });

  test.each(['10.0.0.0/33', 'proxy.example', '10.0.0.1/', '10.0.0.1,', '2001:db8::/129'])('refuses %s', (text) => {
    expect(() => read(text)).toThrow('SLUICE_TRUSTED_PROXIES');
  });
});
