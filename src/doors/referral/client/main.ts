import { startForm } from './apply-form.ts';
import { startPageEvents } from './page-events.ts';
import { startResult } from './result.ts';

/** The pages' script. Whatever fails in here, the page goes on working as it does without. */
const form = document.getElementById('apply');
if (form instanceof HTMLFormElement) {
  startPageEvents(form);
  startForm(form);
}
const result = document.getElementById('result');
if (result !== null) startResult(result);
