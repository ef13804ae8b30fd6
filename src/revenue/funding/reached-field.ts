/** How far an applicant came: the credit was granted, the first loan of the application was paid out. */
export type ReachedStep = 'granted' | 'disbursed';

/** Whose applicant came how far, when. */
export interface ReachedKey {
  /** `YYYY-MM` of the event, in the zone of the product. */
  readonly month: string;
  readonly step: ReachedStep;
  /** null = nobody introduced the applicant. */
  readonly partner_id: string | null;
  readonly product_id: string | null;
  readonly link_code: string | null;
}

const SEPARATOR = '|';

/** Field of the hash `reached`; ids hold no separator. */
export function reachedField({ month, step, partner_id, product_id, link_code }: ReachedKey): string {
  return [month, step, partner_id ?? '', product_id ?? '', link_code ?? ''].join(SEPARATOR);
}

/** Reads `reachedField` back. */
export function readReachedField(field: string): ReachedKey {
  const [month = '', step = '', ...whose] = field.split(SEPARATOR);
  const [partner_id = null, product_id = null, link_code = null] = whose.map((id) => (id === '' ? null : id));
  return { month, step: step as ReachedStep, partner_id, product_id, link_code };
}

/** Pattern of all fields of a month, for HSCAN. */
export function reachedFieldsOf(month: string): string {
  return `${month}${SEPARATOR}*`;
}
