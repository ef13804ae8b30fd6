import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import Table from 'cli-table3';
import { importSigningKey, type KeySpec, type SigningKey, verificationKeyOf } from '../../src/trust/import-key.ts';
import { type KeyAlgorithm, keyAlgorithms } from '../../src/trust/key-algorithm.ts';
import { toPublicNames } from '../../src/trust/public-names.ts';
import { checkRawRequest, type RawRequest } from '../../src/trust/raw-request.ts';
import { signRequest } from '../../src/trust/sign-message.ts';
import { nativePolicy } from '../../src/trust/signature-policy.ts';
import { isSignatureValid, makeSignature } from '../../src/trust/signature-value.ts';
import { verifyRequest } from '../../src/trust/verify-request.ts';

/**
 * What it costs to verify one signed precheck, by algorithm: raw checks, structured fields, policy, signature base, body
 * digest and the signature itself; beside it the bare signature check over a base of that length. One process, rounds
 * interleaved: the difference is ours, the rest is the algorithm's.
 *
 *     node --import tsx test/bench/verification.ts [requests a round, default 1000]
 */
const PER_ROUND = Number(process.argv[2] ?? 1_000);
const ROUNDS = 9;
const URL_SIGNED = 'https://gw.example/v1/prechecks';
const BODY = '{"product_id":"quick-cash","subject":{"phone":{"md5":"7945bd83237335e5376ff44d62e4f0ae"}}}';
/** About as long as the base of such a request. */
const BASE = 'x'.repeat(420);
const names = toPublicNames([new URL(URL_SIGNED).origin]);

const rows = keyAlgorithms.map((alg) => {
  const key = newKey(alg);
  return { alg, whole: wholeCheck(key), bare: bareCheck(key), wholeUs: [] as number[], bareUs: [] as number[] };
});
const floorUs: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  floorUs.push(microsecondsOf(hmacOfBody()));
  for (const row of rows) {
    row.wholeUs.push(microsecondsOf(row.whole));
    row.bareUs.push(microsecondsOf(row.bare));
  }
}
const table = new Table({ head: ['algorithm', 'whole check µs', 'bare signature µs', 'ours around it µs'] });
for (const { alg, wholeUs, bareUs } of rows) {
  const [all, alone] = [median(wholeUs), median(bareUs)];
  table.push([alg, all.toFixed(1), alone.toFixed(1), (all - alone).toFixed(1)]);
}
process.stdout.write(`${table.toString()}\nan HMAC over the body alone: ${median(floorUs).toFixed(1)} µs\n`);

function newKey(alg: KeyAlgorithm): SigningKey {
  const spec: KeySpec =
    alg === 'hmac-sha256' ? { id: alg, alg, secretBase64: randomBytes(32).toString('base64') } : asymmetric(alg);
  const read = importSigningKey(spec);
  if (!read.ok) throw new Error(read.detail);
  return read.key;
}

function asymmetric(alg: Exclude<KeyAlgorithm, 'hmac-sha256'>): KeySpec {
  const { privateKey } =
    alg === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : alg === 'ecdsa-p256-sha256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { id: alg, alg, pem: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString() };
}

function wholeCheck(key: SigningKey): () => void {
  const headers = { 'content-type': 'application/json' };
  const createdSeconds = Date.now() / 1_000;
  const signed = signRequest({ method: 'POST', url: URL_SIGNED, headers, body: BODY, key, createdSeconds });
  const raw: RawRequest = {
    method: 'POST',
    target: new URL(URL_SIGNED).pathname,
    headers: Object.entries({ host: new URL(URL_SIGNED).host, ...headers, ...signed }),
    body: Buffer.from(BODY),
  };
  const found = { key: verificationKeyOf(key), party: 'acme' };
  const directory = { find: () => found };
  return () => {
    const checked = checkRawRequest(raw, names);
    if (!checked.ok || !verifyRequest(checked, nativePolicy, directory, createdSeconds).ok) {
      throw new Error('a good request did not verify');
    }
  };
}

function bareCheck(key: SigningKey): () => void {
  const verification = verificationKeyOf(key);
  const signature = makeSignature(key, BASE);
  return () => {
    if (!isSignatureValid(verification, BASE, signature)) throw new Error('a good signature did not verify');
  };
}

function hmacOfBody(): () => void {
  const secret = randomBytes(32);
  return () => {
    createHmac('sha256', secret).update(BODY).digest();
  };
}

function microsecondsOf(work: () => void): number {
  const started = process.hrtime.bigint();
  for (let run = 0; run < PER_ROUND; run += 1) work();
  return Number(process.hrtime.bigint() - started) / 1_000 / PER_ROUND;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
