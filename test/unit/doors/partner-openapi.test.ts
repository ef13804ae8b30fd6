import { describe, expect, test } from 'vitest';
import { openapiFiles } from '../../../src/commands/openapi-documents.ts';

interface Node {
  readonly [member: string]: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly description?: string;
  readonly $ref?: string;
  readonly allOf?: readonly Node[];
  readonly anyOf?: readonly Node[];
}

// Routes are registered on dependencies that cannot be used: one that uses them fails here.
const document = JSON.parse(openapiFiles().get('partner.json') ?? '{}') as {
  paths: Record<string, Record<string, { operationId?: string; tags?: string[]; summary?: string }>>;
  components: { schemas: Record<string, Node> };
};

function isDescribed(node: Node): boolean {
  if (node.description !== undefined) return true;
  const target = node.$ref && document.components.schemas[node.$ref.split('/').at(-1) ?? ''];
  return (target && isDescribed(target)) || [...(node.allOf ?? []), ...(node.anyOf ?? [])].some(isDescribed);
}

function undescribed(node: unknown, path: string): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const fields = Object.entries((node as Node).properties ?? {});
  return [
    ...fields.filter(([, field]) => !isDescribed(field)).map(([name]) => `${path}/${name}`),
    ...Object.entries(node).flatMap(([name, member]) => undescribed(member, `${path}/${name}`)),
  ];
}

describe('the OpenAPI document of the partner door', () => {
  test('every field is described', () => {
    expect(undescribed(document, '')).toEqual([]);
  });

  test('every operation has a tag, a summary and an id of its own', () => {
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    expect(operations.filter(({ tags, summary }) => tags?.length !== 1 || !summary)).toEqual([]);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  });
});
