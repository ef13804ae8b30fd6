// Signs two requests with Node 20 alone. Usage: node signer.mjs ORIGIN KEY_ID KEY_FILE
// KEY_FILE is an Ed25519 private key (PKCS #8 PEM), or a file with the base64 of a shared secret.
import { createHash, createHmac, createPrivateKey, randomBytes, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A function from text to the bytes of its signature. */
function loadSigner(path) {
  const material = readFileSync(path, 'utf8').trim();
  if (material.includes('BEGIN PRIVATE KEY')) {
    const key = createPrivateKey(material);
    return (text) => sign(null, Buffer.from(text), key);
  }
  const secret = Buffer.from(material, 'base64');
  return (text) => createHmac('sha256', secret).update(text).digest();
}

/** Header fields to send. @param target path and query as they are sent @param body the very text, or undefined */
function signedHeaders({ method, authority, target, body, keyId, signer }) {
  const mark = target.indexOf('?');
  const lines = [
    ['@method', method],
    ['@authority', authority],
    ['@path', mark === -1 ? target : target.slice(0, mark)],
  ];
  const headers = {};
  if (mark !== -1) lines.push(['@query', target.slice(mark)]);
  if (body !== undefined) {
    headers['Content-Type'] = 'application/json';
    headers['Content-Digest'] = `sha-256=:${createHash('sha256').update(body).digest('base64')}:`;
    lines.push(['content-type', headers['Content-Type']], ['content-digest', headers['Content-Digest']]);
  }
  const components = lines.map(([name]) => `"${name}"`).join(' ');
  const created = Math.floor(Date.now() / 1000);
  // A new nonce for every attempt, also for a retry.
  const nonce = randomBytes(16).toString('base64url');
  const parameters =
    `(${components});created=${created};expires=${created + 300}` + `;nonce="${nonce}";keyid="${keyId}";tag="sluice"`;
  lines.push(['@signature-params', parameters]);
  // No line feed at the end: it would be signed too.
  const base = lines.map(([name, value]) => `"${name}": ${value}`).join('\n');
  headers['Signature-Input'] = `sig=${parameters}`;
  headers.Signature = `sig=:${signer(base).toString('base64')}:`;
  return headers;
}

async function send(origin, method, target, body) {
  const authority = new URL(origin).host;
  const headers = signedHeaders({ method, authority, target, body, keyId, signer });
  const answer = await fetch(`${origin}${target}`, { method, headers, body });
  process.stdout.write(`${method} ${target} ${answer.status}\n${await answer.text()}\n`);
  return answer.ok;
}

const [origin, keyId, keyFile] = process.argv.slice(2);
const signer = loadSigner(keyFile);
const precheck = '{"product_id":"quick-cash","subject":{"phone":{"md5":"7945bd83237335e5376ff44d62e4f0ae"}}}';
const read = await send(origin, 'GET', '/v1/products?sort=amount');
const asked = await send(origin, 'POST', '/v1/prechecks', precheck);
process.exitCode = read && asked ? 0 : 1;
