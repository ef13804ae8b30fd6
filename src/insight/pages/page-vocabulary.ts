/** Which fault an input had. */
export const ERROR_CODES = [
  'required',
  'choose_one',
  'name_invalid',
  'id_invalid',
  'phone_invalid',
  'amount_invalid',
  'otp_needed',
  'otp_wrong',
  'value_invalid',
  'consent_needed',
  'other',
] as const;
export type ErrorCode = (typeof ERROR_CODES)[number];

/** Times are kept as the first of these that they do not exceed, in seconds; what takes longer counts as the last. */
export const SECONDS_BUCKETS = [3, 10, 30, 60, 120, 300, 600, 1800, 3600] as const;
export type SecondsBucket = (typeof SECONDS_BUCKETS)[number];
