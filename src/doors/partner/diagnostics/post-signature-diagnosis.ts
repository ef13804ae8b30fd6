import { randomBytes } from 'node:crypto';
import { createRoute } from '@hono/zod-openapi';
import type { Door, DoorDeps } from '../../../http/app.ts';
import { jsonBody } from '../../../http/json-body.ts';
import { ProblemError } from '../../../http/problem.ts';
import { bodyProblems, commonProblems, problemResponses } from '../../../http/problem-responses.ts';
import { addLogFields } from '../../../http/request-context.ts';
import { diagnoseRequest } from '../../../trust/diagnosis/diagnose-request.ts';
import { nativePolicy } from '../../../trust/signature-policy.ts';
import type { KeyDirectory } from '../../../trust/verify-request.ts';
import { diagnosisSchema, signatureQuestionSchema } from './diagnosis-schema.ts';
import { readQuestion } from './read-question.ts';

const NONCE_BYTES = 16;

/** Where the operation is, and what the document calls it: each door that wants signatures has its own. */
export interface DiagnosisPlace {
  readonly path: '/v1/diagnostics/signature' | '/lender/v1/diagnostics/signature';
  readonly operationId: string;
  readonly tag: string;
}

export interface DiagnosisDeps extends Pick<DoorDeps, 'env' | 'publicNames'> {
  /** Keys of the parties that the door is for: others are as unknown here as to its other operations. */
  readonly signed: { readonly keys: KeyDirectory<unknown> };
}

function routeAt({ path, operationId, tag }: DiagnosisPlace) {
  return createRoute({
    method: 'post',
    path,
    operationId,
    tags: [tag],
    summary: 'Find out why a signature is refused',
    description:
      'Sandbox only, and not signed itself. Give it a request as you sent it; it goes through every step of the verifier, ' +
      'says what to change, and shows the signature base that we compute. Nothing is remembered and no nonce is spent.',
    security: [],
    request: { body: jsonBody(signatureQuestionSchema, 'The request that was refused') },
    responses: {
      200: {
        description: 'What is right and what is wrong',
        content: { 'application/json': { schema: diagnosisSchema } },
      },
      ...problemResponses(...commonProblems, ...bodyProblems),
    },
  });
}

/** `POST …/diagnostics/signature`; in live there is no such path. */
export function registerPostSignatureDiagnosis<P>(door: Door<P>, deps: DiagnosisDeps, place: DiagnosisPlace): void {
  if (deps.env === 'live') return;
  door.openapi(routeAt(place), (c) => {
    const question = c.req.valid('json');
    const reading = readQuestion(question);
    if (!reading.ok) {
      const { pointer, message } = reading;
      const errors = [{ pointer, code: 'invalid', message }];
      throw new ProblemError('validation_failed', `${pointer}: ${message}`, { errors });
    }
    const diagnosis = diagnoseRequest(reading.request, {
      names: deps.publicNames,
      policy: nativePolicy,
      keys: deps.signed.keys,
      nowSeconds: (question.at === undefined ? Date.now() : Date.parse(question.at)) / 1_000,
      theirBase: question.signature_base,
      nonce: randomBytes(NONCE_BYTES).toString('base64url'),
    });
    addLogFields(c, { verdict: diagnosis.verdict });
    return c.json(
      {
        verdict: diagnosis.verdict,
        steps: [...diagnosis.steps],
        signature_base: diagnosis.signatureBase,
        first_difference: diagnosis.firstDifference,
        accept_signature: diagnosis.acceptSignature,
      },
      200,
    );
  });
}
