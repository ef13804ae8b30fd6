/** Looks soon at first, then more and more seldom; not while nobody looks at the page. */
const FIRST_MS = 3_000;
const LONGEST_MS = 60_000;
const SLOWER = 1.4;
const NO_CONTENT = 204;

/** The result page keeps itself up to date until there is nothing more to wait for. */
export function startResult(result: HTMLElement): void {
  guardForms();
  let waitMs = FIRST_MS;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const schedule = (): void => {
    clearTimeout(timer);
    const isWaiting = result.dataset.refresh !== undefined;
    if (isWaiting && document.visibilityState === 'visible') timer = setTimeout(look, waitMs);
  };
  const look = async (): Promise<void> => {
    const isChanged = await refresh(result).catch(() => false);
    waitMs = isChanged ? FIRST_MS : Math.min(waitMs * SLOWER, LONGEST_MS);
    schedule();
  };
  document.addEventListener('visibilitychange', () => {
    waitMs = FIRST_MS;
    schedule();
  });
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload();
  });
  schedule();
}

/** @returns whether something has changed */
async function refresh(result: HTMLElement): Promise<boolean> {
  const address = new URL(location.href);
  address.searchParams.set('seen', result.dataset.state ?? '');
  const response = await fetch(address);
  if (response.status === NO_CONTENT || !response.ok) return false;
  const next = new DOMParser().parseFromString(await response.text(), 'text/html');
  const shown = next.getElementById('result');
  // What somebody is filling in stays until it is sent.
  if (shown === null || isFillingIn(result)) return false;
  for (const part of ['state', 'next']) {
    const now = result.querySelector(`[data-part=${part}]`);
    const then = shown.querySelector(`[data-part=${part}]`);
    if (now !== null && then !== null && now.innerHTML !== then.innerHTML) now.replaceChildren(...then.childNodes);
  }
  result.dataset.state = shown.dataset.state ?? '';
  if (shown.dataset.refresh === undefined) delete result.dataset.refresh;
  document.title = next.title;
  guardForms();
  return true;
}

function isFillingIn(result: HTMLElement): boolean {
  return [...result.querySelectorAll<HTMLInputElement | HTMLSelectElement>('form input, form select')].some(
    (input) =>
      input === document.activeElement ||
      (input.type === 'checkbox' || input.type === 'radio'
        ? (input as HTMLInputElement).checked
        : input.type !== 'hidden' && input.value !== ''),
  );
}

/** A form is sent once, however often its button is pressed. */
function guardForms(): void {
  for (const form of document.querySelectorAll('#result form')) {
    let isSent = false;
    form.addEventListener('submit', (event) => {
      if (isSent) event.preventDefault();
      isSent = true;
      const { submitter } = event as SubmitEvent;
      if (submitter?.dataset.busy) submitter.textContent = submitter.dataset.busy;
    });
  }
}
