const MIN_SECONDS = 60;
const MAX_SECONDS = 3_600;
const DEFAULT_SECONDS = 600;

/** How long an answer is used, from its `Cache-Control` (RFC 9111 §5.2.2): max-age within a minute and an hour, else 10 minutes. */
export function cacheSeconds(cacheControl: string | string[] | undefined): number {
  const directives = (Array.isArray(cacheControl) ? cacheControl.join(',') : (cacheControl ?? ''))
    .toLowerCase()
    .split(',');
  const names = directives.map((directive) => directive.trim());
  if (names.includes('no-store') || names.includes('no-cache')) return MIN_SECONDS;
  const given = names
    .map((name) => /^max-age="?(\d{1,10})"?$/.exec(name)?.[1])
    .find((seconds) => seconds !== undefined);
  if (given === undefined) return DEFAULT_SECONDS;
  return Math.min(Math.max(Number(given), MIN_SECONDS), MAX_SECONDS);
}
