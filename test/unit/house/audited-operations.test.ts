import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { openapiFiles } from '../../../src/commands/openapi-documents.ts';
import { admittedTo, listedOperations } from '../../../src/doors/operator/operator-roles.ts';

const DOOR = fileURLToPath(new URL('../../../src/doors/operator', import.meta.url));

/** Operations that change nothing and open no personal data although they are posted, each with its reason. */
const ONLY_ASK: readonly string[] = [];

interface Operation {
  readonly operationId: string;
  readonly description?: string;
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}
interface Schema {
  readonly $ref?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

const document = JSON.parse(openapiFiles().get('operator.json') ?? '') as Document;
const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, ...operation })),
);
const changing = operations.filter(({ name }) => !name.startsWith('GET ') && !ONLY_ASK.includes(name));

function files(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return files(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

describe('every operator operation that changes something is audited', () => {
  test('a file that declares one calls audited()', () => {
    const silent = files(DOOR).flatMap((file) => {
      const source = readFileSync(file, 'utf8');
      const routes = [...source.matchAll(/method: '(post|put|patch|delete)',\s+path: '([^']+)'/g)];
      const declared = source.match(/method: '(post|put|patch|delete)'/g)?.length ?? 0;
      const asking = routes.filter(([, method = '', path]) => ONLY_ASK.includes(`${method.toUpperCase()} ${path}`));
      const calls = source.match(/\baudited(<[^>]*>)?\(/g)?.length ?? 0;
      return declared > asking.length && calls === 0 ? [relative(DOOR, file)] : [];
    });
    expect(silent).toEqual([]);
  });

  test('each takes a reason: in its body, or as Sluice-Reason', () => {
    const without = changing.filter(({ parameters = [], requestBody }) => {
      const bodies = Object.values(requestBody?.content ?? {}).map(({ schema }) => resolved(schema));
      const inBody = bodies.some(({ properties }) => properties !== undefined && 'reason' in properties);
      return !inBody && !parameters.some((one) => one.in === 'header' && one.name.toLowerCase() === 'sluice-reason');
    });
    expect(without.map(({ name }) => name)).toEqual([]);
  });
});

describe('who may do what', () => {
  test('every operation is in the table of roles, and the table has no others', () => {
    expect([...listedOperations].sort()).toEqual(operations.map(({ name }) => name).sort());
  });

  test('every description says what the table says', () => {
    const differing = operations.flatMap(({ name, description = '' }) => {
      const [method = '', route = ''] = name.split(' ');
      const admitted = admittedTo(method, route);
      const said = rolesOf(description);
      const wanted = admitted === 'any' || admitted === undefined ? admitted : [...admitted].sort().join(', ');
      return said === wanted
        ? []
        : [`${name}: the table says ${wanted || 'admin'}, the description ${said ?? 'nothing'}`];
    });
    expect(differing).toEqual([]);
  });
});

/** Roles besides admin in words such as `Roles: admin, finance.`; 'any' for `Any role.`, undefined where it says nothing. */
function rolesOf(description: string): string | undefined {
  if (/\bAny role\./.test(description)) return 'any';
  const [, list] = /\bRoles: ([a-z, ]+)\./.exec(description) ?? [];
  const roles = list?.split(', ').filter((role) => role !== 'admin');
  return roles?.sort().join(', ');
}

function resolved(schema: Schema): Schema {
  return schema.$ref === undefined ? schema : (document.components.schemas[schema.$ref.split('/').at(-1) ?? ''] ?? {});
}
