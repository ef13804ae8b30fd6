import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inertDeps } from '../../../src/commands/inert-deps.ts';
import { OPENAPI_DIRECTORY, openapiDrift, writeOpenapi } from '../../../src/commands/openapi.ts';
import { openapiFiles } from '../../../src/commands/openapi-documents.ts';

interface OperationDocument {
  operationId?: string;
  summary?: string;
  tags?: string[];
  requestBody?: { required?: boolean };
}

interface Document {
  openapi: string;
  tags: { name: string }[];
  paths: Record<string, Record<string, OperationDocument>>;
}

function documents(): [string, Document][] {
  return [...openapiFiles()]
    .filter(([path]) => path.endsWith('.json') && !path.startsWith('schemas/'))
    .map(([path, text]) => [path, JSON.parse(text) as Document]);
}

describe('openapi/', () => {
  test('what is committed is what the code gives (else: npm run openapi)', async () => {
    expect(await openapiDrift(OPENAPI_DIRECTORY)).toEqual([]);
  });

  test('the same code gives the same bytes', () => {
    expect([...openapiFiles()]).toEqual([...openapiFiles()]);
  });

  test('a changed, a missing and a left-over file are each found, and writing repairs them', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'sluice-openapi-'));
    await writeOpenapi(directory);
    await writeFile(join(directory, 'lender.json'), '{}');
    await writeFile(join(directory, 'old.json'), '{}');
    await rm(join(directory, 'partner.json'));
    const drift = await openapiDrift(directory);
    expect(new Map(drift.map(({ path, state }) => [path, state]))).toEqual(
      new Map([
        ['lender.json', 'differs'],
        ['old.json', 'stale'],
        ['partner.json', 'missing'],
      ]),
    );
    await writeOpenapi(directory);
    expect(await openapiDrift(directory)).toEqual([]);
    await rm(directory, { recursive: true });
  });

  test('every operation has an id, a summary and a described tag, and no body is optional', () => {
    const ids: string[] = [];
    for (const [file, document] of documents()) {
      expect(document.openapi).toBe('3.1.0');
      const tags = new Set(document.tags.map((tag) => tag.name));
      for (const [path, operations] of Object.entries(document.paths)) {
        for (const [method, operation] of Object.entries(operations)) {
          const where = `${file} ${method} ${path}`;
          expect(operation.operationId, where).toMatch(/^[a-z][A-Za-z0-9]+$/);
          expect(operation.summary, where).toBeTruthy();
          expect(
            operation.tags?.every((tag) => tags.has(tag)),
            where,
          ).toBe(true);
          if (operation.requestBody !== undefined) expect(operation.requestBody.required, where).toBe(true);
          ids.push(operation.operationId ?? where);
        }
      }
    }
    expect(ids).toHaveLength(new Set(ids).size);
  });

  test('a door that uses its dependencies while it registers routes is named', () => {
    const deps = inertDeps<{ store: { load(): void } }>();
    expect(() => deps.store.load()).toThrow('deps.store.load() was called while routes were registered');
  });
});
