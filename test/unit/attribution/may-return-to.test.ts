import { describe, expect, test } from 'vitest';
import { returnAddressFault } from '../../../src/attribution/handoffs/may-return-to.ts';

const ALLOWED = ['https://acme.example/hooks', 'https://acme.example:8443/app/', 'https://m.acme.example'];
const may = (address: string): boolean => returnAddressFault(address, ALLOWED) === null;

describe('a hand-off leads back', () => {
  test('to an allowed address and what is below it', () => {
    const below = [
      'https://acme.example/hooks',
      'https://acme.example/hooks/',
      'https://acme.example/hooks/a/b?order=1#top',
      'https://acme.example/hooks?order=1',
      'https://acme.example:8443/app/x',
      'https://m.acme.example/anything',
      'https://ACME.example/hooks/a',
      'https://acme.example:443/hooks',
    ];
    expect(below.filter((address) => !may(address))).toEqual([]);
  });

  test('nowhere else: another path that begins alike, host, port, scheme or host within the address', () => {
    const elsewhere = [
      'https://acme.example/hooksevil',
      'https://acme.example/hooks.evil',
      'https://acme.example/',
      'https://acme.example/Hooks',
      'https://acme.example:8443/hooks',
      'https://acme.example:8443/app',
      'https://acme.example:444/hooks',
      'http://acme.example/hooks',
      'https://evil.example/hooks',
      'https://acme.example.evil.example/hooks',
      'https://acme.example@evil.example/hooks',
      'https://evil.example/https://acme.example/hooks',
      'https://x.m.acme.example/',
    ];
    expect(elsewhere.filter(may)).toEqual([]);
  });

  test('never upwards, however the step is written', () => {
    const upwards = [
      'https://acme.example/hooks/../evil',
      'https://acme.example/hooks/%2e%2e/evil',
      'https://acme.example/hooks/.%2E/evil',
      'https://acme.example/hooks/..%2fevil',
      'https://acme.example/hooks/..%2Fevil',
      'https://acme.example/hooks/..%5cevil',
      'https://acme.example/hooks/..\\evil',
      'https://acme.example/hooks/..;/evil',
      'https://acme.example/hooks/..;x=1/evil',
      'https://acme.example/hooks%2f..%2fevil',
    ];
    expect(upwards.filter(may)).toEqual([]);
  });

  test('to no address that has already what we add', () => {
    const taken = ['handoff', 'application_id', 'status', 'ts', 'sig'];
    expect(taken.filter((name) => may(`https://acme.example/hooks?a=1&${name}=x`))).toEqual([]);
  });
});
