import { derivedId, randomId } from '../../../base/ids.ts';
import type { Application } from '../../model.ts';
import type { SealedRecord } from '../../sealed-record.ts';
import type { CoreMessage } from '../core-client.ts';
import { applicationDelivery } from '../delivery.ts';
import { applicationBody } from '../delivery-body.ts';
import { messageBody } from '../lender-message.ts';
import type { ProbeContent } from './probe.ts';

export const UNKNOWN_PRODUCT = 'sluice-no-such-product';
/** A large body is padded up to this. */
export const LARGE_BODY_BYTES = 200 * 1024;

/**
 * The message of a probe about an application of a trial. What is new to the core goes under a fresh delivery id; an
 * application of a product that there is not is another application too, so that none that lives is touched.
 */
export function probeMessage(
  content: ProbeContent,
  application: Application,
  record: SealedRecord,
  at: string,
): CoreMessage {
  if (content === 'same') {
    const { id } = applicationDelivery(application);
    return { deliveryId: id, path: '/applications', body: applicationBody(id, application, record) };
  }
  const deliveryId = randomId('dlv');
  if (content === 'unknown_product') {
    const body = applicationBody(deliveryId, application, record);
    const application_id = derivedId('app', 'probe', deliveryId);
    return {
      deliveryId,
      path: '/applications',
      body: { ...body, application_id, product_id: UNKNOWN_PRODUCT },
    };
  }
  const papers = content === 'large' ? largePapers(at) : { x_not_known: { to: ['anybody'] } };
  const body = { action_id: null, loan_id: null, applicant: {}, documents: [], verifications: [], ...papers };
  const message = { kind: 'supplement', about: {}, body: { ...body, submitted_at: at } } as const;
  return { deliveryId, path: '/supplements', body: messageBody(deliveryId, application, message) };
}

/** Checks with long references: nothing that a core would go and fetch. */
function largePapers(at: string) {
  const verification = { kind: 'ocr', provider: 'sluice-trial', result: 'pass', ref: 'x'.repeat(128), at };
  const count = Math.ceil(LARGE_BODY_BYTES / JSON.stringify(verification).length);
  return { verifications: Array.from({ length: count }, () => verification) };
}
