import type { Page } from 'playwright-core';
import type { Person } from '../../src/demo/people.ts';

export const SANDBOX_CODE = '000000';

/** Fills in who applies. */
export async function fillPerson(page: Page, person: Person): Promise<void> {
  await page.fill('[name=name]', person.name);
  await page.fill('[name=id_number]', person.idNumber);
  await page.fill('[name=phone]', person.phone);
}

/** Fills in what is wanted, and ticks every agreement. */
export async function fillLoan(page: Page): Promise<void> {
  await page.fill('[name=amount]', '5000');
  await page.selectOption('[name=term]', '6');
  await page.selectOption('[name=purpose]', 'travel');
  for (const box of await page.locator('[name=consent]').all()) await box.check();
}

export const askForCode = (page: Page) => page.click('button[value=otp]');
export const confirm = (page: Page) => page.click('button[value=apply]');
export const focused = (page: Page) => page.locator(':focus');

/** From the link to the result, all at once. */
export async function applyWith(page: Page, person: Person): Promise<void> {
  await fillPerson(page, person);
  await fillLoan(page);
  await askForCode(page);
  await page.fill('[name=otp]', SANDBOX_CODE);
  await confirm(page);
  await page.waitForURL(/\/result\?t=/);
}
