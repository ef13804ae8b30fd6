/** A request that curl is to send, byte for byte. */
export interface CurlRequest {
  readonly method: string;
  /** As `URL.href` writes it: the same target that was signed. */
  readonly url: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Empty = none. */
  readonly body: Uint8Array;
  /** The file that the body came from, named in the command instead of its bytes. */
  readonly bodyFile?: string | undefined;
}

/** Longer ones do not fit into an argument (128 KiB on Linux), and nobody reads them. */
const MAX_INLINE_BYTES = 65_536;

/**
 * A command for a POSIX shell that sends the request and nothing else: curl's own ways of changing it (globs in the URL,
 * dot segments, `@` files, a form's Content-Type, `Expect`) are switched off.
 */
export function curlCommand({ method, url, headers, body, bodyFile }: CurlRequest): string {
  const parts = ['curl --globoff --path-as-is --silent --show-error --include'];
  // HEAD needs its own flag: with -X alone curl waits for a body that never comes.
  parts.push(method === 'HEAD' ? '--head' : `--request ${shellQuote(method)}`);
  for (const [name, value] of headers) parts.push(`--header ${shellQuote(headerArgument(name, value))}`);
  const { option, before } = bodyOption(body, bodyFile);
  if (option !== undefined) {
    if (!headers.some(([name]) => name.toLowerCase() === 'expect')) parts.push("--header 'Expect:'");
    parts.push(option);
  }
  parts.push(shellQuote(url));
  return `${before}${parts.join(' \\\n  ')}`;
}

/** One word of a POSIX shell: nothing in single quotes means anything. */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** curl takes `Name:` for "leave it out" and `Name;` for an empty value. */
function headerArgument(name: string, value: string): string {
  return value === '' ? `${name};` : `${name}: ${value}`;
}

function bodyOption(body: Uint8Array, file: string | undefined): { readonly option?: string; readonly before: string } {
  if (body.length === 0) return { before: '' };
  if (file !== undefined) return { option: `--data-binary ${shellQuote(`@${file}`)}`, before: '' };
  const text = Buffer.from(body).toString('utf8');
  const isText = !text.includes('\0') && Buffer.from(text).equals(body);
  if (isText && body.length <= MAX_INLINE_BYTES) return { option: `--data-raw ${shellQuote(text)}`, before: '' };
  const base64 = Buffer.from(body).toString('base64');
  return { option: '--data-binary @-', before: `printf %s '${base64}' | base64 -d | ` };
}
