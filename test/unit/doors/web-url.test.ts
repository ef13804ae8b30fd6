import { describe, expect, test } from 'vitest';
import { webUrlSchema } from '../../../src/doors/schemas/scalars.ts';
import { urlSchema } from '../../../src/registry/schema/scalars.ts';

describe('an address that browsers are sent to', () => {
  test.each([
    'https://acme.example',
    'https://acme.example/back?x=1#y',
    'https://acme.example/%E8%B7%AF',
    'http://127.0.0.1:9000/back',
    'http://localhost/back',
  ])('%j is taken as it is', (url) => {
    expect(webUrlSchema.parse(url)).toBe(url);
  });

  test.each([
    'http://acme.example',
    'javascript:alert(1)',
    'data:text/html,x',
    '//acme.example',
    'acme.example',
    'https:acme.example',
    'https://',
    'https://user:secret@acme.example/',
    'http://127.0.0.1@evil.example/',
    ' https://acme.example',
    'https://acme.example/a b',
    'https://acme.example/\nSet-Cookie: a=b',
    'https://acme.example/\r\nx',
    `https://acme.example/${'a'.repeat(2_048)}`,
  ])('%j is refused', (url) => {
    expect(webUrlSchema.safeParse(url).success).toBe(false);
  });

  test.each(['https://acme.example/路径', 'https://例子.cn/', 'https://acme.example/a\tb'])(
    '%j, which no Location header can carry, is refused in requests and in counterparty files',
    (url) => {
      expect(webUrlSchema.safeParse(url).success).toBe(false);
      expect(urlSchema.safeParse(url).success).toBe(false);
    },
  );
});
