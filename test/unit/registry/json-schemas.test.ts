import { describe, expect, test } from 'vitest';
import { counterpartyJsonSchemas } from '../../../src/registry/json-schemas.ts';

interface SchemaNode {
  description?: string;
  properties?: Record<string, SchemaNode>;
  items?: SchemaNode;
  anyOf?: SchemaNode[];
  additionalProperties?: unknown;
  required?: string[];
}

describe('JSON Schemas for editors', () => {
  const schemas = counterpartyJsonSchemas() as unknown as Record<string, SchemaNode>;

  test('there is one for each file', () => {
    expect(Object.keys(schemas)).toEqual([
      'partner.schema.json',
      'lender.schema.json',
      'funder.schema.json',
      'operator.schema.json',
    ]);
  });

  test('unknown keys are errors and what has a default is optional', () => {
    expect(schemas['partner.schema.json']?.additionalProperties).toBe(false);
    expect(schemas['partner.schema.json']?.required).toEqual(['id', 'name', 'kind']);
    expect(schemas['lender.schema.json']?.required).toEqual(['id', 'name', 'core']);
  });

  test('every field says what it means', () => {
    const nameless: string[] = [];
    const visit = (node: SchemaNode, path: string) => {
      for (const [name, child] of Object.entries(node.properties ?? {})) {
        if (child.description === undefined) nameless.push(`${path}.${name}`);
        visit(child, `${path}.${name}`);
      }
      if (node.items) visit(node.items, `${path}[]`);
      for (const branch of node.anyOf ?? []) visit(branch, path);
    };
    for (const [file, schema] of Object.entries(schemas)) visit(schema, file);
    expect(nameless).toEqual([]);
  });
});
