import { openapiFiles } from '../../src/commands/openapi-documents.ts';
import { BODY_LIMIT_BYTES } from '../../src/http/capture.ts';

/** An operation of a door, from the generated OpenAPI documents (which a test holds against the committed ones). */
export interface DocumentedOperation {
  readonly door: 'partner' | 'lender' | 'operator' | 'referral';
  readonly method: string;
  /** Pattern, as `/v1/loans/{id}`. */
  readonly path: string;
  /** Media type of the body; undefined = none. */
  readonly bodyType: string | undefined;
  /** The body's fields, and those without which it is not accepted. */
  readonly fields: readonly string[];
  readonly required: readonly string[];
  readonly queryNames: readonly string[];
  /** Bytes that a body may have. */
  readonly maxBodyBytes: number;
  /** Nobody has to prove who they are. */
  readonly isPublic: boolean;
}

interface Schema {
  readonly $ref?: string;
  readonly required?: readonly string[];
  readonly properties?: object;
}

interface Operation {
  readonly security?: readonly unknown[];
  readonly 'x-max-body-bytes'?: number;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** Every operation of every door. */
export function documentedOperations(): DocumentedOperation[] {
  return (['partner', 'lender', 'operator', 'referral'] as const).flatMap((door) => {
    const document = JSON.parse(openapiFiles().get(`${door}.json`) ?? '') as Document;
    return Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.entries(operations).map(([method, operation]) => {
        const [bodyType, body] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
        const schema = resolve(document, body?.schema);
        return {
          door,
          method: method.toUpperCase(),
          path,
          bodyType,
          fields: Object.keys(schema?.properties ?? {}),
          required: schema?.required ?? [],
          maxBodyBytes: operation['x-max-body-bytes'] ?? BODY_LIMIT_BYTES,
          isPublic: operation.security?.length === 0,
          queryNames: (operation.parameters ?? []).filter((one) => one.in === 'query').map(({ name }) => name),
        };
      }),
    );
  });
}

function resolve({ components }: Document, schema: Schema | undefined): Schema | undefined {
  return schema?.$ref === undefined ? schema : components.schemas[schema.$ref.split('/').at(-1) ?? ''];
}
