/** Replies that mean "not now" rather than "never": a server that is loading, failing over or out of reach. */
const NOT_NOW = /^(LOADING|READONLY|CLUSTERDOWN|MASTERDOWN|TRYAGAIN|UNBLOCKED|NOREPLICAS|MISCONF|OOM)/;
const OUT_OF_REACH = new RegExp(
  [
    'timed out|ETIMEDOUT|ECONNREFUSED|ECONNRESET|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|EPIPE|ENOENT',
    "Connection is closed|Connection is in|isn't writeable|max retries|aborted due to connection close",
    // Of a cluster or of sentinels.
    "Cluster isn't ready|Cluster is disconnect|Too many Cluster redirections|slots allocation group",
    'All slots|Failed to refresh slots|None of startup nodes|All sentinels are unreachable',
  ].join('|'),
  'i',
);

/**
 * Whether an error of a Redis command says that the store cannot be used now. The outcome of a write is then unknown:
 * callers answer 503 and rely on every script being idempotent.
 */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error.name === 'MaxRetriesPerRequestError' || error.name === 'ClusterAllFailedError') return true;
  return NOT_NOW.test(error.message) || OUT_OF_REACH.test(error.message);
}

/** Of an error for which `isUnavailable` holds: whether the command certainly was never carried out. */
export function isUnsent(error: unknown): boolean {
  return error instanceof Error && (NOT_NOW.test(error.message) || error.message.startsWith("Stream isn't writeable"));
}
