import { z } from '@hono/zod-openapi';
import { instantSchema } from '../../../http/common-schemas.ts';
import { pageQuery } from '../../../http/pagination.ts';

const HASH = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

const viewSchema = z.record(z.string(), z.unknown()).nullable();

const actorSchema = z
  .object({
    name: z.string().openapi({ description: 'Operator, counterparty or part of the gateway', example: 'li.na' }),
    role: z
      .enum(['admin', 'finance', 'risk', 'support', 'partner', 'lender', 'system'])
      .openapi({ description: 'In which role', example: 'finance' }),
  })
  .openapi({ description: 'Who acted' });

const objectSchema = z
  .object({
    kind: z.string().openapi({ description: 'Kind', example: 'period' }),
    id: z.string().openapi({ description: 'Id, never an identity', example: 'acme/main/2026-01-01' }),
  })
  .openapi({ description: 'What was acted upon' });

export const auditActSchema = z
  .object({
    seq: z.int().openapi({ description: 'Place of its first entry in the log', example: 41 }),
    at: instantSchema.openapi({ description: 'When it was announced, real time' }),
    actor: actorSchema,
    action: z.string().openapi({ description: '`<what>.<verb>`', example: 'period.lock' }),
    object: objectSchema,
    reason: z.string().nullable().openapi({ description: 'In the actor’s words', example: 'Month closed' }),
    before: viewSchema.openapi({ description: 'What mattered of it before', example: { state: 'review' } }),
    after: viewSchema.openapi({ description: 'The same after', example: { status: 'issued' } }),
    outcome: z.enum(['done', 'failed', 'unfinished']).openapi({
      description: 'unfinished: still running, or its process was killed half-way, or its end could not be written',
      example: 'done',
    }),
    code: z.string().nullable().openapi({ description: 'Of what failed: the problem’s code', example: null }),
    ended_at: instantSchema.nullable().openapi({ description: 'When its end was written' }),
    request_id: z.string().openapi({ description: 'The request', example: 'req_1f8ac10f23c5b5bc1167bda84b833e5c' }),
    hash: z.string().openapi({ description: 'Hash of its first entry', example: HASH }),
  })
  .openapi('AuditAct', { description: 'What somebody did' });

const word = (description: string, example: string) =>
  z.string().min(1).max(200).optional().openapi({ description, example });

export const auditQuerySchema = z.strictObject({
  ...pageQuery,
  actor: word('Only of this actor', 'li.na'),
  action: word('Only this action, or all with this before the dot', 'period'),
  object_kind: word('Only on this kind', 'period'),
  object_id: word('Only on the object with this id', 'acme/main/2026-01-01'),
  from: instantSchema.optional().openapi({ description: 'Announced at this instant or later' }),
  to: instantSchema.optional().openapi({ description: 'Announced before this instant' }),
});

export const auditHeadSchema = z
  .object({
    seq: z.int().openapi({ description: 'Entries in the log', example: 42 }),
    hash: z.string().openapi({ description: 'Hash of the last; 64 zeros of an empty log', example: HASH }),
    at: instantSchema.nullable().openapi({ description: 'When the last was written' }),
    jws: z.string().openapi({
      description:
        'Compact JWS over the RFC 8785 form of `{ at, hash, seq, type: "audit_head" }`, by our published key',
      example: 'eyJhbGciOiJFZERTQSIsImtpZCI6IuKApiJ9.eyJzZXEiOjQyfQ.c2ln',
    }),
  })
  .openapi('AuditHead', { description: 'Where the log stands; keep it elsewhere, and a cut tail is found' });
