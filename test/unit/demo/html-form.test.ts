import { describe, expect, test } from 'vitest';
import { fillForm, readHtmlForm } from '../../../src/demo/html-form.ts';

const PAGE = `<!doctype html><input name="outside"><form method="post" action="/apply/x?click=clk_1&amp;lang=zh" novalidate>
<input type="hidden" name="form" value="s1.&quot;a&gt;b&quot;">
<input id="f-name" name="name" required value="张三">
<input name="amount" value='1000'>
<select id="f-term" name="term" required><option value="">Choose</option>
<option value="3">3 months</option><option value="6" selected>6 months</option></select>
<select name="purpose"><option value="">Choose</option><option value="travel">Travel</option></select>
<input type="checkbox" name="consent" value="sharing" required checked><input type="checkbox" name="consent" value="inquiry">
<button name="step" value="otp">Send</button><button name="step" value="apply">Apply</button>
</form><input name="after">`;

describe('a form as a browser without scripts sends it', () => {
  const form = readHtmlForm(PAGE);
  const filled = (typed: Record<string, string>, button = 'otp') => {
    if (form === undefined) throw new Error('no form was found');
    return [...fillForm(form, typed, button)];
  };

  test('knows where it goes and only what lies inside it', () => {
    expect(form?.action).toBe('/apply/x?click=clk_1&lang=zh');
    expect(form?.inputs.map(({ name }) => name)).not.toContain('outside');
    expect(form?.inputs.map(({ name }) => name)).not.toContain('after');
  });

  test('keeps what is hidden or chosen, takes the first choice elsewhere, ticks every box, presses one button', () => {
    expect(filled({ name: '李四' })).toEqual([
      ['form', 's1."a>b"'],
      ['name', '李四'],
      ['amount', '1000'],
      ['term', '6'],
      ['purpose', 'travel'],
      ['consent', 'sharing'],
      ['consent', 'inquiry'],
      ['step', 'otp'],
    ]);
    expect(filled({ term: '3' }, 'apply')).toContainEqual(['term', '3']);
    expect(filled({}, 'apply').filter(([name]) => name === 'step')).toEqual([['step', 'apply']]);
  });

  test('what is typed never replaces a hidden input', () => {
    expect(filled({ form: 'forged' })).toContainEqual(['form', 's1."a>b"']);
  });

  test('a page without a form has none', () => {
    expect(readHtmlForm('<p>The product is closed.</p>')).toBeUndefined();
  });
});
