import type { Application, VerificationNote } from '../applications/model.ts';
import type { AcceptedProduct } from '../applications/product-as-accepted.ts';
import type { SealedRecord } from '../applications/sealed-record.ts';
import type { IntakeDeps } from './intake-deps.ts';
import type { Requirements } from './missing-requirements.ts';
import { verifyPerson } from './verify-person.ts';

/**
 * Whether card, reserved phone, name and id number belong together (四要素), where the product requires it and we can have it
 * checked. That nobody could tell is no reason to keep a card off.
 */
export async function checkCard(
  deps: IntakeDeps,
  application: Application,
  product: AcceptedProduct | undefined,
  card: { readonly number: string; readonly phone: string },
): Promise<VerificationNote[]> {
  const isRequired = product?.requirements.verifications.some((kind) => kind === 'four_elements') ?? false;
  if (!isRequired || deps.verifier === undefined) return [];
  const { id: applicationId, owner_id: actor } = application;
  const text = await deps.store.sealed(applicationId);
  if (text === undefined) return [];
  const opened = deps.sealer.openJson(text, applicationId, { purpose: 'card_binding', applicationId, actor });
  if (!opened.ok) throw new Error(`sealed record of ${applicationId}: ${opened.message}`);
  const { name, id_number: idNumber, id_kind: idKind = 'cn_resident' } = (opened.plain as SealedRecord).applicant;
  // Other documents are in no register that could be asked.
  if (typeof name !== 'string' || typeof idNumber !== 'string' || idKind !== 'cn_resident') return [];
  return verifyPerson(deps, ['four_elements'], { name, idNumber, phone: card.phone, cardNumber: card.number });
}

/**
 * Whether four elements cannot be checked before a card is bound: the product binds one at a stage of its own, and asks for
 * none with the application.
 */
export function isCheckedWithCard({ applicant, verifications, consents }: Requirements): boolean {
  if (!verifications.includes('four_elements') || applicant.some(isCardField)) return false;
  return consents.some(({ stage }) => stage === 'card');
}

/** Whether a name of the field catalogue asks for the applicant's card, or a part of it. */
export function isCardField(name: string): boolean {
  return name === 'bank_card' || name.startsWith('bank_card.');
}
