import { openapiFiles } from '../../src/commands/openapi-documents.ts';

/** A request as the OpenAPI document's examples make it: valid in form, about things that need not exist. */
export interface SampleRequest {
  /** As in `POST /admin/v1/closings`. */
  readonly operation: string;
  readonly method: string;
  /** With examples in place of its parameters. */
  readonly path: string;
  readonly contentType: string | undefined;
  readonly body: string | undefined;
}

interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly example?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly required?: readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
}
interface Parameter {
  readonly in: string;
  readonly name: string;
  readonly required?: boolean;
  readonly schema?: Schema;
  readonly example?: unknown;
}
interface Operation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** One request for each operation of the operator door. */
export function operatorRequests(): SampleRequest[] {
  const document = JSON.parse(openapiFiles().get('operator.json') ?? '') as Document;
  return Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => requestOf(document, path, method.toUpperCase(), operation)),
  );
}

function requestOf(document: Document, path: string, method: string, operation: Operation): SampleRequest {
  const { parameters = [], requestBody } = operation;
  const exampleOf = ({ example, schema }: Parameter) => String(example ?? sample(document, schema ?? {}));
  const filled = path.replaceAll(/\{(.+?)\}/g, (_, name: string) => {
    const parameter = parameters.find((one) => one.in === 'path' && one.name === name);
    return parameter === undefined ? 'x' : encodeURIComponent(exampleOf(parameter));
  });
  const wanted = parameters.filter((one) => one.in === 'query' && one.required === true);
  const query = new URLSearchParams(Object.fromEntries(wanted.map((one) => [one.name, exampleOf(one)]))).toString();
  const [contentType, body] = Object.entries(requestBody?.content ?? {})[0] ?? [];
  const value = body === undefined ? undefined : sample(document, body.schema);
  return {
    operation: `${method} ${path}`,
    method,
    path: query === '' ? filled : `${filled}?${query}`,
    contentType,
    body: value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value),
  };
}

/** The example, else the smallest value that the schema's outer form allows. */
function sample(document: Document, schema: Schema): unknown {
  if (schema.$ref !== undefined)
    return sample(document, document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
  if (schema.example !== undefined) return schema.example;
  if (schema.examples?.[0] !== undefined) return schema.examples[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  const [alternative] = schema.anyOf ?? schema.oneOf ?? [];
  if (alternative !== undefined) return sample(document, alternative);
  if (schema.allOf !== undefined) return Object.assign({}, ...schema.allOf.map((part) => sample(document, part)));
  if (schema.properties !== undefined) return sampleObject(document, schema.properties, schema.required ?? []);
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  if (type === 'array') return schema.items === undefined ? [] : [sample(document, schema.items)];
  if (type === 'integer' || type === 'number') return 1;
  if (type === 'boolean') return false;
  return type === 'object' ? {} : 'x';
}

/** The required members; where none is, the first that has an example, since most such bodies want one of several. */
function sampleObject(document: Document, properties: Readonly<Record<string, Schema>>, required: readonly string[]) {
  const [first] = Object.keys(properties);
  const names = required.length > 0 || first === undefined ? required : [first];
  return Object.fromEntries(names.map((name) => [name, sample(document, properties[name] ?? {})]));
}
