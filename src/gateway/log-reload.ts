import type { Logger } from 'pino';
import type { WatchOptions } from '../registry/watch-registry.ts';

/** Logs each reading of the counterparty files: a new set in use, or why the files on disk are not. */
export function logReload(logger: Logger): NonNullable<WatchOptions['onReload']> {
  let revision: string | undefined;
  return ({ status, fault }) => {
    if (fault !== undefined) {
      logger.error({ where: 'counterparty files', err: fault }, 'fault');
      return;
    }
    const problems = status.lastError;
    if (problems !== undefined) {
      const places = problems.map(({ file, line, path, message }) => ({ file, line, path, message }));
      logger.error(
        { revision: status.revision, problems: places },
        'counterparty files not taken: the last good set stays',
      );
    } else if (status.revision !== revision) {
      logger.info({ revision: status.revision }, 'counterparty files taken');
    }
    revision = status.revision;
  };
}
