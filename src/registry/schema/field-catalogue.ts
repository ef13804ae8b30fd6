/** The one catalogue of applicant fields; a dotted name asks for one part of a field. */
export const APPLICANT_FIELDS = [
  'name',
  'id_number',
  'phone',
  'phone_verified_at',
  'email',
  'id_card',
  'id_card.valid_from',
  'id_card.valid_to',
  'id_card.issuer',
  'id_card.address',
  'id_card.ethnicity',
  'education',
  'marital_status',
  'residence',
  'residence.region',
  'residence.address',
  'employment',
  'employment.status',
  'employment.employer',
  'employment.region',
  'employment.address',
  'employment.phone',
  'employment.since',
  'income',
  'income.monthly',
  'income.paid_by',
  'assets',
  'assets.housing',
  'assets.car',
  'assets.provident_fund',
  'assets.social_insurance',
  'assets.credit_card',
  'contacts',
  'bank_card',
  'bank_card.number',
  'bank_card.bank_code',
  'bank_card.phone',
] as const;
export type ApplicantField = (typeof APPLICANT_FIELDS)[number];

export const EMPLOYMENT_STATUSES = [
  'employed',
  'self_employed',
  'business_owner',
  'public_servant',
  'freelance',
  'student',
  'retired',
  'unemployed',
] as const;

export const DOCUMENT_KINDS = [
  'id_front',
  'id_back',
  'face',
  'face_video',
  'employment_proof',
  'income_proof',
  'signature',
  'other',
] as const;
export type DocumentKind = (typeof DOCUMENT_KINDS)[number];

export const VERIFICATION_KINDS = [
  'four_elements',
  'three_elements',
  'id_validity',
  'liveness',
  'face_match',
  'ocr',
  'sms',
  'voice',
] as const;
export type VerificationKind = (typeof VERIFICATION_KINDS)[number];

export const CONSENT_KINDS = [
  'data_sharing',
  'sensitive_data',
  'credit_inquiry',
  'face',
  'marketing',
  'card_debit',
  'loan_contract',
  'guarantee',
  'other',
] as const;
export type ConsentKind = (typeof CONSENT_KINDS)[number];
