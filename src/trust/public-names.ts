/** One public origin of the gateway: its scheme and its normalised authority. */
export type PublicName = { readonly scheme: 'http' | 'https'; readonly authority: string };

/** The names under which the gateway is reached, ready to be looked up once per request. */
export type PublicNames = {
  /** The public name that a `Host` value means, or undefined. Case and the scheme's default port do not matter. */
  find(host: string): PublicName | undefined;
  /** Scheme of the first name: what is assumed where the host is not ours. */
  readonly defaultScheme: 'http' | 'https';
  readonly all: readonly PublicName[];
};

const DEFAULT_PORT = { http: ':80', https: ':443' } as const;

/**
 * Public names from origins such as `https://api.example.com` or `http://127.0.0.1:8787`; a bare `host[:port]` means https.
 * @throws RangeError when an origin is not an http(s) origin; these come from the operator's configuration.
 */
export function toPublicNames(origins: readonly string[]): PublicNames {
  const byHost = new Map<string, PublicName>();
  const all: PublicName[] = [];
  for (const origin of origins) {
    const name = readOrigin(origin);
    all.push(name);
    byHost.set(name.authority, name);
    const hasPort = /:\d+$/.test(name.authority);
    if (!hasPort) byHost.set(`${name.authority}${DEFAULT_PORT[name.scheme]}`, name);
  }
  return {
    find: (host) => byHost.get(host) ?? byHost.get(host.toLowerCase()),
    defaultScheme: all[0]?.scheme ?? 'https',
    all,
  };
}

function readOrigin(origin: string): PublicName {
  let url: URL;
  try {
    url = new URL(origin.includes('://') ? origin : `https://${origin}`);
  } catch {
    throw new RangeError(`"${origin}" is not an origin such as https://api.example.com`);
  }
  const scheme = url.protocol === 'https:' ? 'https' : url.protocol === 'http:' ? 'http' : undefined;
  const isBare = url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (scheme === undefined || !isBare) throw new RangeError(`"${origin}" is not an http(s) origin without a path`);
  return { scheme, authority: url.host };
}
