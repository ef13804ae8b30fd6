// Runs in a page: what keeps people out of it, as far as a program can tell (WCAG 2.2 A and AA). Its value is a list of
// sentences, empty when nothing was found.
(() => {
  const found = [];
  const isShown = (element) =>
    element.getClientRects().length > 0 && getComputedStyle(element).visibility === 'visible';
  const name = (element) => `${element.tagName.toLowerCase()}${element.id ? `#${element.id}` : ''}`;
  const all = (selector) => [...document.querySelectorAll(selector)].filter(isShown);

  // 3.1.1, 1.3.1, 4.1.2
  if (!/^(en|zh-CN)$/.test(document.documentElement.lang)) found.push('the page names no language');
  if (document.title === '') found.push('the page has no title');
  if (all('h1').length !== 1) found.push(`the page has ${all('h1').length} h1`);
  if (all('main').length !== 1) found.push('the page has no main');
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of ids) if (ids.filter((one) => one === id).length > 1) found.push(`id ${id} stands there twice`);
  let level = 0;
  for (const heading of all('h1, h2, h3, h4')) {
    const now = Number(heading.tagName[1]);
    // What is wrong stands above everything else, with a heading of its own.
    if (now > level + 1 && level > 0) found.push(`a heading of level ${now} follows one of ${level}`);
    level = now;
  }
  for (const input of all('input:not([type=hidden]), select, textarea')) {
    if (input.labels.length === 0 && !input.getAttribute('aria-label')) found.push(`${name(input)} has no label`);
    const described = (input.getAttribute('aria-describedby') ?? '').split(' ').filter(Boolean);
    for (const id of described) if (!document.getElementById(id)) found.push(`${name(input)} is described by nothing`);
    if (input.getAttribute('aria-invalid') === 'true' && described.length === 0)
      found.push(`${name(input)} is wrong, nobody says why`);
  }
  for (const one of all('a, button')) if (one.textContent.trim() === '') found.push(`${name(one)} has no words`);
  for (const image of all('img')) if (!image.hasAttribute('alt')) found.push('a picture has no words');
  // 2.4.3: the order of the page is the order of Tab.
  for (const one of document.querySelectorAll('[tabindex]'))
    if (one.tabIndex > 0) found.push(`${name(one)} jumps the queue`);
  // 2.5.8, and the 44 px of 2.5.5 where nothing but the target is in its line.
  for (const one of all(
    'nav a, button, .button, select, summary, input:not([type=hidden], [type=checkbox], [type=radio]), .check label, .radio',
  )) {
    const { height } = one.getBoundingClientRect();
    if (height < 44) found.push(`${name(one)} is ${height} px high`);
  }
  // 1.4.10
  const { scrollWidth, clientWidth } = document.documentElement;
  if (scrollWidth > clientWidth) found.push(`${scrollWidth - clientWidth} px stick out`);

  // 1.4.3: contrast of every text with what is behind it.
  const channels = (color) => (color.match(/[\d.]+/g) ?? []).map(Number);
  const luminance = ([r, g, b]) => {
    const linear = [r, g, b].map((value) => {
      const share = value / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = channels(getComputedStyle(at).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return [255, 255, 255];
  };
  const isDimmed = (element) => element.closest(':disabled, .busy') !== null;
  for (const element of all('body *')) {
    const hasText = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '');
    if ((!hasText && element.tagName !== 'INPUT' && element.tagName !== 'SELECT') || isDimmed(element)) continue;
    const [light, dark] = [luminance(channels(getComputedStyle(element).color)), luminance(behind(element))].sort(
      (a, b) => b - a,
    );
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 4.5)
      found.push(`${name(element)} "${element.textContent.trim().slice(0, 20)}" has contrast ${contrast.toFixed(2)}`);
  }
  // 1.4.11: what shows where an input is.
  for (const input of all('input:not([type=hidden], [type=range], [type=checkbox], [type=radio]), select')) {
    const [light, dark] = [
      luminance(channels(getComputedStyle(input).borderTopColor)),
      luminance(behind(input.parentElement)),
    ].sort((a, b) => b - a);
    const contrast = (light + 0.05) / (dark + 0.05);
    if (contrast < 3) found.push(`the border of ${name(input)} has contrast ${contrast.toFixed(2)}`);
  }
  return found;
})();
