import '@hono/zod-openapi';
import { subjectSchema as identitySubjectSchema } from '../../identity/subject.ts';

/** A subject as a door takes it: an identifier that is not in the contract is a misspelt one. */
export const subjectSchema = identitySubjectSchema.strict().openapi('Subject', {
  description: 'A person or device as identifiers: plain, hashed (md5, sha256, sm3) or masked; at least one',
  example: { phone: { md5: '7945bd83237335e5376ff44d62e4f0ae' } },
});
