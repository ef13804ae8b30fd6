import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type KeyFlags, readSigningKey, readVerificationKey } from '../../../src/commands/sign-key.ts';
import { readRequestLine } from '../../../src/commands/sign-request-line.ts';
import { UsageError } from '../../../src/commands/usage-error.ts';

const directory = mkdtempSync(join(tmpdir(), 'sluice-keys-'));
afterAll(() => rmSync(directory, { recursive: true }));

function file(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

const ed = generateKeyPairSync('ed25519');
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pkcs8 = { type: 'pkcs8', format: 'pem' } as const;
const jwk = JSON.stringify({ ...ed.privateKey.export({ format: 'jwk' }), kid: 'the-kid', alg: 'EdDSA', comment: 'x' });

describe('a key is read in the form in which people have it', () => {
  test.each([
    ['a JWK, whose kid is its id', file('ed.json', jwk), {}, ['the-kid', 'ed25519']],
    ['a PEM', file('ed.pem', ed.privateKey.export(pkcs8)), { keyId: 'k' }, ['k', 'ed25519']],
    ['a PEM on P-256', file('ec.pem', ec.privateKey.export(pkcs8)), { keyId: 'k' }, ['k', 'ecdsa-p256-sha256']],
    ['an RSA PEM', file('rsa.pem', rsa.privateKey.export(pkcs8)), { keyId: 'k' }, ['k', 'rsa-pss-sha512']],
    [
      'an RSA PEM for v1.5',
      join(directory, 'rsa.pem'),
      { keyId: 'k', alg: 'rsa-v1_5-sha256' },
      ['k', 'rsa-v1_5-sha256'],
    ],
    [
      'a base64 secret',
      file('secret.txt', `${Buffer.alloc(32, 7).toString('base64')}\n`),
      { keyId: 'k' },
      ['k', 'hmac-sha256'],
    ],
  ] as [string, string, KeyFlags, string[]][])('%s', async (_name, key, flags, expected) => {
    const { id, alg } = await readSigningKey({ key, ...flags });
    expect([id, alg]).toEqual(expected);
    expect((await readVerificationKey({ key, ...flags })).alg).toBe(alg);
  });

  test('a public key verifies and does not sign', async () => {
    const key = file('public.pem', ed.publicKey.export({ type: 'spki', format: 'pem' }));
    expect((await readVerificationKey({ key })).alg).toBe('ed25519');
    await expect(readSigningKey({ key, keyId: 'k' })).rejects.toThrow('public key');
  });
});

describe('a mistake in a key is told without the key', () => {
  const weak = Buffer.alloc(8, 9).toString('base64');
  test.each([
    ['no key', {}, 'which key?'],
    ['no such file', { key: join(directory, 'absent') }, 'there is no such file'],
    ['a directory', { key: directory }, 'it is a directory'],
    ['no id', { key: file('other.txt', Buffer.alloc(32, 7).toString('base64')) }, '--key-id'],
    ['a secret that is too short', { key: file('weak.txt', weak), keyId: 'k' }, 'at least 32'],
    ['JSON that is no JWK', { key: file('no.json', '{"a":1}') }, 'no JWK'],
    [
      'a PEM that is none',
      { key: file('bad.pem', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----') },
      'no PEM key',
    ],
    ['an algorithm that there is not', { key: directory, alg: 'md5' }, '--alg is one of'],
    ['a variable that is not set', { secretEnv: 'SURELY_NOT_SET' }, 'SURELY_NOT_SET is not set'],
  ] as [string, KeyFlags, string][])('%s', async (_name, flags, message) => {
    const failure = readSigningKey(flags);
    await expect(failure).rejects.toThrow(UsageError);
    await expect(failure).rejects.toThrow(message);
    await expect(failure).rejects.not.toThrow(weak);
  });
});

describe('a mistake in a request is told', () => {
  test.each([
    ['GET', 'not-a-url', [], 'no absolute URL'],
    ['GET', 'ftp://a.example/', [], 'http or https'],
    ['GET', 'https://u:p@a.example/', [], 'password'],
    ['G ET', 'https://a.example/', [], 'no method'],
    ['GET', 'https://a.example/', ['Host: b.example'], 'public host in the URL'],
    ['GET', 'https://a.example/', ['signature: x'], 'leave it out'],
    ['GET', 'https://a.example/', ['no colon'], 'no header'],
    ['GET', 'https://a.example/', ['A: b\r\nC: d'], 'no header'],
    ['GET', 'https://a.example/', ['A: 张'], 'no header'],
  ])('%s %s %j', async (method, url, header, message) => {
    await expect(readRequestLine(method, url, { header })).rejects.toThrow(message);
  });

  test('a body is JSON unless its type is given; the method is sent in upper case, a fragment not at all', async () => {
    const line = await readRequestLine('post', 'https://a.example/x?y#z', { header: [], data: '{}' });
    expect(line).toMatchObject({ method: 'POST', headers: [['Content-Type', 'application/json']] });
    expect(line.url.href).toBe('https://a.example/x?y');
    const typed = await readRequestLine('post', 'https://a.example/', {
      header: ['content-type: text/csv'],
      data: 'a',
    });
    expect(typed.headers).toEqual([['content-type', 'text/csv']]);
  });
});
