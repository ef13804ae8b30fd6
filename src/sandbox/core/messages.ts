import { z } from 'zod';
import { maskPhone } from '../../identity/mask.ts';
import { normaliseBankCard } from '../../identity/normalise-bank-card.ts';
import type { AskedAbout, Told } from '../story/book.ts';
import { SANDBOX_OTP } from '../story/otp-challenge.ts';
import { askedFields, type CoreOperation, installmentsSchema, moneySchema, readAsked } from './core-reply.ts';
import { messageOperation } from './take-message.ts';

const frame = { delivery_id: z.string().min(1), application_id: z.string().min(1) };
const loanSchema = z.object({ ...frame, loan_id: z.string().min(1), ...askedFields });
const supplementSchema = z.object({ ...frame, action_id: z.string().nullish() });
const actionSchema = z.object({
  ...frame,
  action_id: z.string().min(1),
  type: z.string(),
  scene: z.string(),
  loan_id: z.string().nullish(),
  card_id: z.string().nullish(),
  otp: z.string().nullish(),
  resend: z.boolean().nullish(),
});
const cardSchema = z.union([
  z.object({ ...frame, card_id: z.string().min(1), removed: z.literal(true) }),
  z.object({ ...frame, card_id: z.string().min(1), number: z.string(), phone: z.string().nullish() }),
]);
const repaymentSchema = z.object({
  ...frame,
  loan_id: z.string().min(1),
  loan_ref: z.string().nullish(),
  installments: installmentsSchema,
  amount: moneySchema,
});
const cancellationSchema = z.object({
  ...frame,
  loan_id: z.string().nullish(),
  loan_ref: z.string().nullish(),
  cancelled_at: z.string().nullish(),
});

/** `POST /loans`: a drawdown under a credit that this lender granted. */
export const takeLoan: CoreOperation = messageOperation(loanSchema, (message) => {
  return { kind: 'loan', loan_id: message.loan_id, asked: readAsked(message) };
});

/** `POST /supplements`: what the lender waited for has come; what follows happens now. */
export const takeSupplement: CoreOperation = messageOperation(supplementSchema, () => ({ kind: 'supplement' }));

/** `POST /actions`: a code, the wish for a new one, or another answer. */
export const takeAction: CoreOperation = messageOperation(actionSchema, (message): Told => {
  const { type, scene, action_id, card_id = null, loan_id = null, otp, resend } = message;
  const about: AskedAbout = scene === 'card' ? { card_id, loan_id: null } : { card_id: null, loan_id };
  if (resend === true) return { kind: 'resend', ...about };
  if (type === 'otp') return { kind: 'otp', right: otp === SANDBOX_OTP, action_id, ...about };
  return type === 'supplement' ? { kind: 'supplement' } : { kind: 'noted' };
});

/** `POST /cards`: a card is bound, or goes. Of its number nothing is kept. */
export const takeCard: CoreOperation = messageOperation(cardSchema, (message): Told => {
  if ('removed' in message) return { kind: 'card_removed', card_id: message.card_id };
  const { card_id, number, phone } = message;
  const sentTo = phone === null || phone === undefined ? null : maskPhone(phone);
  return { kind: 'card', card_id, sent_to: sentTo, sound: normaliseBankCard(number).ok };
});

/** `POST /repayments`: the borrower pays now. */
export const takeRepayment: CoreOperation = messageOperation(repaymentSchema, (message) => {
  const { loan_id, loan_ref = null, installments, amount } = message;
  return { kind: 'repayment', loan_id, loan_ref, installments, amount: amount.amount };
});

/** `POST /cancellations`: an application or a loan is wanted no more; without an end, consents have only been taken back. */
export const takeCancellation: CoreOperation = messageOperation(cancellationSchema, (message): Told => {
  const { loan_id = null, loan_ref = null, cancelled_at } = message;
  return cancelled_at === null ? { kind: 'noted' } : { kind: 'cancellation', loan_id, loan_ref };
});
