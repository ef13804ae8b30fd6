/** Replies that mean "not now" rather than "never": a server that is loading, failing over or out of reach. */
const NOT_NOW = /^(LOADING|READONLY|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|UNBLOCKED|NOREPLICAS|MISCONF|OOM)/;
const OUT_OF_REACH =
  /timed out|Connection is closed|isn't writeable|ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|max retries|Connection is in|All slots|Failed to refresh slots|None of startup nodes/i;

/**
 * Whether an error of a Redis command says that the store cannot be used now. The outcome of a write is then unknown:
 * callers answer 503 and rely on every script being idempotent.
 */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'MaxRetriesPerRequestError' || error.name === 'ClusterAllFailedError') return true;
  return NOT_NOW.test(error.message) || OUT_OF_REACH.test(error.message);
}
