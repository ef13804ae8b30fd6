/** Names that we add on the way back: an address that has one of them would say two things. */
const OURS: readonly string[] = ['handoff', 'application_id', 'status', 'ts', 'sig'];
/** A slash that some servers read as one and we do not, in either direction. */
const HIDDEN_SLASH = /%2f|%5c|\\/i;

/**
 * Whether a hand-off may lead back to an address: it is below one of the allowed ones, segment by segment, on the same scheme,
 * host and port. Nothing in its path may be read as a step upwards by anybody.
 * @param address a URL that was found fit to be called
 * @param allowed URLs; what follows a `?` in them is left out of account
 * @returns why not; null when it may
 */
export function returnAddressFault(address: string, allowed: readonly string[]): string | null {
  const { origin, pathname, searchParams } = new URL(address);
  if (HIDDEN_SLASH.test(pathname)) return 'has an encoded slash in its path';
  // `..;x` is a step upwards for servers that cut off what follows a semicolon; a plain one is resolved already.
  if (pathname.split('/').some((segment) => /^\.{1,2}(;|$)/.test(segment))) return 'has a step upwards in its path';
  const taken = OURS.find((name) => searchParams.has(name));
  if (taken !== undefined) return `has a parameter ${taken}, which is added on the way back`;
  const fits = allowed.some((prefix) => {
    const base = new URL(prefix);
    return base.origin === origin && isBelow(pathname, base.pathname);
  });
  return fits ? null : 'is not below any of your return_urls';
}

function isBelow(path: string, base: string): boolean {
  return path === base || path.startsWith(base.endsWith('/') ? base : `${base}/`);
}
