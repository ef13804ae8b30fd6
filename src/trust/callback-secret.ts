const PREFIX = 'whsec_';

/** The bytes of a callback secret: `whsec_` and base64 (Standard Webhooks); any other text stands for itself. */
export function callbackSecret(text: string): Uint8Array {
  return text.startsWith(PREFIX) ? Buffer.from(text.slice(PREFIX.length), 'base64') : Buffer.from(text, 'utf8');
}
