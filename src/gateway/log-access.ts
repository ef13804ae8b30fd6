import type { Logger } from 'pino';
import type { AccessObserver } from '../identity/seal.ts';

/** One line for every opening of sealed data: why, whose application, for whom; never what was in it. */
export function logAccess(logger: Logger): AccessObserver {
  return ({ purpose, applicationId, actor }, outcome) => {
    const line = { access: { purpose, application_id: applicationId, actor, outcome } };
    if (outcome === 'opened') logger.info(line, 'sealed data opened');
    else logger.warn(line, 'sealed data could not be opened');
  };
}
