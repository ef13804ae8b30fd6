import { type DestinationStream, destination, type Logger, pino } from 'pino';

/** Names under which personal data or secrets travel; their values are cut out even where a caller was careless. */
const REDACTED_NAMES = new Set([
  'authorization',
  'token',
  'secret',
  'password',
  'otp',
  'phone',
  'id_number',
  'bank_card',
  'name',
  'email',
  'address',
  'applicant',
  'subject',
  'body',
]);
const REDACTED = '[redacted]';
/** Nothing that we log is nested deeper. */
const MAX_DEPTH = 4;

/** Lines are gathered into writes of this size, or of what has come together in this time; the rest when the process ends. */
const BUFFER_BYTES = 8_192;
const FLUSH_MS = 200;

/**
 * The process's logger: JSON lines.
 * @param level pino's, or `silent`
 * @param to where lines go; standard output, gathered and not waited for, by default
 */
export function createLogger(level: string = 'info', to?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }), log: (line) => redacted(line, MAX_DEPTH) },
      serializers: { err: describeError },
    },
    to ?? destination({ dest: 1, sync: false, minLength: BUFFER_BYTES, periodicFlush: FLUSH_MS }),
  );
}

/**
 * The same members, those with a redacted name censored. One pass over a flat line: pino's own redaction walks every path
 * through every line, which costs more than writing it.
 */
function redacted(line: Record<string, unknown>, depth: number): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined;
  for (const name in line) {
    const value = line[name];
    let shown = value;
    if (REDACTED_NAMES.has(name)) shown = REDACTED;
    else if (typeof value === 'object' && value !== null && !(value instanceof Error)) {
      shown = depth > 0 ? redacted(value as Record<string, unknown>, depth - 1) : REDACTED;
    }
    if (shown === value) continue;
    copy ??= { ...line };
    copy[name] = shown;
  }
  return copy ?? line;
}

/** Type, message and stack only: other members of errors (a Redis command's arguments) can hold what must not be logged. */
export function describeError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { type: typeof error };
  const described = { type: error.name, message: error.message, stack: error.stack };
  return error.cause === undefined ? described : { ...described, cause: describeError(error.cause) };
}
