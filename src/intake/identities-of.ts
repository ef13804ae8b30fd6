import type { SealedRecord } from '../applications/sealed-record.ts';
import type { IntakeDeps } from './intake-deps.ts';
import { identitiesIn } from './supplied-papers.ts';

/** Identities of an application's applicant in plain, to find them in texts that are kept in the open; none once erased. */
export async function identitiesOf(
  { store, sealer }: Pick<IntakeDeps, 'store' | 'sealer'>,
  applicationId: string,
): Promise<readonly string[]> {
  const text = await store.sealed(applicationId);
  if (text === undefined) return [];
  const opened = sealer.openJson(text, applicationId, { purpose: 'text_cleaning', applicationId, actor: null });
  if (!opened.ok) return [];
  const { applicant, device } = opened.plain as SealedRecord;
  return [...identitiesIn(applicant), ...(typeof device?.id === 'string' ? [device.id] : [])];
}
