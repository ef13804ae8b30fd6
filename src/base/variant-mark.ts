/** Which variant of its link a click got, and how clicks were split when it did. */
export interface VariantMark {
  readonly id: string;
  /** Names the weights and audiences that stood then: only clicks that were split alike are compared. 6 hex digits. */
  readonly split: string;
}

/** Which variant of whose link received somebody, and the click that brought them there: whoever earns from it. */
export interface ReceivedBy extends VariantMark {
  readonly partner_id: string;
  readonly link_code: string;
  readonly click_id: string;
}

const MARK = /^([A-Za-z0-9][A-Za-z0-9._-]{0,31})~([0-9a-f]{6})$/;

/** As a click keeps it: `b~3f2a91`. */
export function variantMarkText({ id, split }: VariantMark): string {
  return `${id}~${split}`;
}

/** Undefined for a text that is no mark, or none at all. */
export function readVariantMark(text: string | null | undefined): VariantMark | undefined {
  const [, id, split] = MARK.exec(text ?? '') ?? [];
  return id === undefined || split === undefined ? undefined : { id, split };
}
