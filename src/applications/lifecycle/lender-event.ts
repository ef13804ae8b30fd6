import { z } from 'zod';
import { instantSchema, LENDER_EVENT_DATA, referenceSchema } from './lender-event-data.ts';

type DataSchemas = typeof LENDER_EVENT_DATA;

export type LenderEventType = keyof DataSchemas;

interface TypedEvent<Type extends LenderEventType> {
  /** The lender's id of the event. */
  readonly id: string;
  readonly type: Type;
  /** RFC 3339 UTC with milliseconds, so that text order is time order. */
  readonly occurred_at: string;
  readonly application_id?: string;
  readonly loan_id?: string;
  /** The lender's reference of the event's object: a loan's for events about a loan, else the application's. */
  readonly lender_ref?: string;
  readonly data: z.output<DataSchemas[Type]>;
}

/** Events of one type or several, their data checked, instants in UTC; `type` tells the shape of `data`. */
export type LenderEventOf<Type extends LenderEventType> = Type extends LenderEventType ? TypedEvent<Type> : never;

/** Any event of a lender. */
export type LenderEvent = LenderEventOf<LenderEventType>;

export type ParsedLenderEvent =
  | { readonly ok: true; readonly event: LenderEvent }
  /** `detail`: which field is wrong, and how. */
  | { readonly ok: false; readonly detail: string };

const envelopeSchema = z
  .object({
    id: referenceSchema,
    type: z.enum(Object.keys(LENDER_EVENT_DATA) as [LenderEventType, ...LenderEventType[]]),
    occurred_at: instantSchema,
    application_id: referenceSchema.optional(),
    loan_id: referenceSchema.optional(),
    lender_ref: referenceSchema.optional(),
  })
  .refine((event) => event.application_id ?? event.loan_id ?? event.lender_ref, {
    error: 'names no object: give application_id, loan_id or lender_ref',
  });

/** Checks one event as it came over the wire: `application.needs_input` is another name for an action of type supplement. */
export function parseLenderEvent(raw: unknown): ParsedLenderEvent {
  const source = withoutAlias(raw);
  const envelope = envelopeSchema.safeParse(source);
  if (!envelope.success) return { ok: false, detail: describe(envelope.error, []) };
  const data = LENDER_EVENT_DATA[envelope.data.type].safeParse((source as { data?: unknown }).data ?? undefined);
  if (!data.success) return { ok: false, detail: describe(data.error, ['data']) };
  return { ok: true, event: { ...envelope.data, data: data.data } as LenderEvent };
}

/** Whether a lender may send events of this type. */
export function isLenderEventType(type: string): type is LenderEventType {
  return Object.hasOwn(LENDER_EVENT_DATA, type);
}

/** Whether the event is about a loan, so that its `lender_ref` is a loan's. `loan.requested` names the application. */
export function isAboutLoan(event: LenderEvent): boolean {
  if (event.type === 'loan.requested') return false;
  return event.loan_id !== undefined || /^(loan|installment|repayment)\./.test(event.type);
}

function withoutAlias(raw: unknown): unknown {
  if (typeof raw !== 'object' || raw === null || !('type' in raw) || raw.type !== 'application.needs_input') return raw;
  const data = 'data' in raw && typeof raw.data === 'object' ? raw.data : {};
  return { ...raw, type: 'action.required', data: { scene: 'apply', ...data, type: 'supplement' } };
}

function describe(error: z.ZodError, prefix: readonly string[]): string {
  const [issue] = error.issues;
  const path = [...prefix, ...(issue?.path ?? [])].map(String).join('/');
  return `/${path}: ${issue?.message ?? 'is not valid'}`;
}
