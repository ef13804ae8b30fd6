import type { Action, Application } from '../applications/model.ts';
import { derivedIdBeside } from '../base/ids.ts';
import type { AddressedMessage } from './send-message.ts';

/** What a lender is told of an action, and what its answer is applied to. The same answer is the same message. */
export function actionMessage(
  application: Pick<Application, 'id'>,
  action: Action,
  told: { readonly given: Readonly<Record<string, unknown>>; readonly digest: string; readonly at: string },
): AddressedMessage {
  const { id: action_id, type, scene, loan_id, card_id, repayment_id, wrong_tries: attempt, resends = 0 } = action;
  const object = {
    ...(loan_id === undefined ? {} : { loan_id }),
    ...(card_id === undefined ? {} : { card_id }),
    ...(repayment_id === undefined ? {} : { repayment_id }),
  };
  const parts = [action_id, told.digest, String(attempt), String(resends)];
  return {
    kind: 'action',
    deliveryId: derivedIdBeside('dlv', application.id, 'action', ...parts),
    about: { action_id, ...object, answer: told.digest, attempt },
    body: {
      action_id,
      type,
      scene,
      loan_id: loan_id ?? null,
      card_id: card_id ?? null,
      repayment_id: repayment_id ?? null,
      ...told.given,
      answered_at: told.at,
    },
  };
}
