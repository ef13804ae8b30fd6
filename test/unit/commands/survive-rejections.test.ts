import { EventEmitter } from 'node:events';
import { expect, test } from 'vitest';
import { surviveRejections } from '../../../src/commands/survive-rejections.ts';

test('a promise rejected with nobody waiting is told in one line, and ends nothing', () => {
  const lines: string[] = [];
  const target = new EventEmitter();
  surviveRejections(target, (line) => lines.push(line));
  target.emit('unhandledRejection', new TypeError('lost\nin two lines'));
  target.emit('unhandledRejection', 'no error at all');
  expect(lines.map((line) => JSON.parse(line).err.message)).toEqual(['lost\nin two lines', 'no error at all']);
  expect(lines.every((line) => !line.includes('\n'))).toBe(true);
});
