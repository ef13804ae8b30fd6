import { z } from '@hono/zod-openapi';
import { instantSchema } from '../../../http/common-schemas.ts';
import { diagnosisSteps } from '../../../trust/diagnosis/diagnosis.ts';

const MAX_HEADERS = 100;
const MAX_VALUE = 16_384;
const MAX_BASE = 65_536;
/** As large as a body of ours may be. */
const MAX_BODY = 262_144;

const headerValue = z.string().max(MAX_VALUE);
const headersSchema = z
  .union([
    z.array(z.array(headerValue).length(2)).max(MAX_HEADERS),
    z.record(z.string().max(256), z.union([headerValue, z.array(headerValue).max(16)])),
  ])
  .openapi({
    description: 'Header fields as sent: `[[name, value], …]` in order, or an object',
    example: [
      ['Host', 'api.example.com'],
      [
        'Signature-Input',
        'sig=("@method" "@authority" "@path");created=1767225600;expires=1767225900;nonce="n1";keyid="acme-ed";tag="sluice"',
      ],
    ],
  });

/** A request that was refused, or is about to be sent. */
export const signatureQuestionSchema = z
  .strictObject({
    raw: z.string().max(MAX_BODY).optional().openapi({
      description: 'The whole request as it stands in a log, or what `curl -v` says of it (add `body` then)',
      example: 'POST /v1/prechecks HTTP/1.1\r\nHost: api.example.com\r\n\r\n{}',
    }),
    method: z.string().min(1).max(32).optional().openapi({ description: 'Method', example: 'POST' }),
    url: z.string().min(1).max(MAX_VALUE).optional().openapi({
      description: 'Where it was sent: an absolute URL, taken as it is written',
      example: 'https://api.example.com/v1/prechecks?x=1',
    }),
    target: z.string().min(1).max(MAX_VALUE).optional().openapi({
      description: 'Instead of `url`: path and query of the request line',
      example: '/v1/prechecks?x=1',
    }),
    host: z.string().min(1).max(256).optional().openapi({
      description: 'With `target`, when `headers` has no Host',
      example: 'api.example.com',
    }),
    headers: headersSchema.optional(),
    body: z.string().max(MAX_BODY).optional().openapi({ description: 'Body as text (UTF-8)', example: '{"a":1}' }),
    body_base64: z
      .base64()
      .max(MAX_BODY)
      .optional()
      .openapi({ description: 'Instead of `body`: its bytes', example: 'eyJhIjoxfQ==' }),
    signature_base: z.string().max(MAX_BASE).optional().openapi({
      description: 'What you signed: its first difference from ours is shown',
      example: '"@method": POST\n"@authority": api.example.com',
    }),
    at: instantSchema.optional().openapi({ description: 'When it was sent; default now' }),
  })
  .refine(
    ({ raw, method, url, target }) =>
      raw === undefined ? method !== undefined && (url ?? target) !== undefined : true,
    {
      error: 'give raw, or method and one of url and target',
    },
  )
  .refine(({ body, body_base64 }) => body === undefined || body_base64 === undefined, {
    error: 'give at most one of body and body_base64',
  })
  .openapi('SignatureQuestion', { description: 'A request that was refused: `raw`, or its parts' });

const textOrNull = (description: string, example: string) => z.string().nullable().openapi({ description, example });

const stepSchema = z
  .object({
    step: z.enum(diagnosisSteps).openapi({ description: 'What is looked at, in the order of the verifier' }),
    ok: z.boolean().nullable().openapi({ description: 'null = cannot be judged', example: false }),
    code: textOrNull('Code of the refusal that this fault alone would be', 'signature_invalid'),
    expected: textOrNull('What should be there', '64 bytes of ed25519 over signature_base'),
    found: textOrNull('What is there', '64 bytes'),
    mistake: textOrNull('Stable name of the mistake, where it is a known one', 'base_trailing_newline'),
    hint: textOrNull('What to change', 'The signature base has no line feed at its end.'),
  })
  .openapi('DiagnosisStep', { description: 'One step of the verifier' });

/** No component of its own: a component is never null. */
const differenceSchema = z
  .object({
    line: z.int().openapi({ description: 'Line of the base, from 1', example: 1 }),
    ours: textOrNull('As we compute it; null = there is no such line', '"@method": POST'),
    theirs: textOrNull('As you signed it; null = there is no such line', '"@method": post'),
  })
  .nullable();

/** Why a signature is or is not accepted. */
export const diagnosisSchema = z
  .object({
    verdict: z.string().openapi({ description: '`ok`, or the code of the refusal', example: 'signature_invalid' }),
    steps: z.array(stepSchema).openapi({ description: 'Every step, also after the first that fails' }),
    signature_base: textOrNull(
      'What has to be signed, as we compute it',
      '"@method": POST\n"@authority": api.example.com',
    ),
    first_difference: differenceSchema.openapi({
      description: 'Against `signature_base` of the question, or against what a known mistake gives; null = none',
    }),
    accept_signature: z.string().openapi({
      description: 'What to sign of this request, as in `Accept-Signature` of a 401',
      example: 'sig=("@method" "@authority" "@path");created;expires;nonce="u1Yw0Xk2bQ9cJb3m1m9yCg";tag="sluice"',
    }),
  })
  .openapi('SignatureDiagnosis', { description: 'Why a signature is or is not accepted' });

export type SignatureQuestion = z.output<typeof signatureQuestionSchema>;
