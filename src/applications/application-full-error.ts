/**
 * Characters that an application's document may have: hundreds of loans with their schedules. Each change reads and writes all
 * of it, so nobody, partner or lender, may make it grow without end.
 */
export const APPLICATION_MAX_CHARACTERS = 4 * 1024 * 1024;

/** Characters that an application's sealed record may have. */
export const RECORD_MAX_CHARACTERS = 1024 * 1024;

/** What was to be added to an application does not fit any more. Nothing was written. */
export class ApplicationFullError extends Error {
  override readonly name = 'ApplicationFullError';

  constructor(applicationId: string) {
    super(`${applicationId} holds as much as it may: nothing can be added`);
  }
}
