/** What a hand-off page shows: nothing of a person but masked. */
export interface ShownHandoff {
  readonly lender: string;
  readonly destination: string;
  readonly partner_id: string;
  readonly application_id: string | null;
  readonly loan_id: string | null;
  readonly name: string | null;
  readonly phone: string | null;
  readonly return_url: string;
}

const TEXTS = {
  en: {
    title: 'Sandbox lender',
    intro: 'In real life the lender’s own page is here. This is what it was handed:',
    destination: 'Destination',
    destinations: { apply: 'Apply', credit: 'Credit', loan: 'Draw down', repay: 'Repay' },
    partner: 'Partner',
    application: 'Application',
    loan: 'Loan',
    applicant: 'Applicant',
    nobody: 'not named',
    back: 'Back to the partner',
  },
  zh: {
    title: '沙箱放款机构',
    intro: '正式环境中，此处为机构自己的页面。收到的信息如下：',
    destination: '目的',
    destinations: { apply: '申请授信', credit: '查看额度', loan: '申请借款', repay: '还款' },
    partner: '渠道',
    application: '授信申请',
    loan: '借款',
    applicant: '申请人',
    nobody: '未提供',
    back: '返回渠道',
  },
} as const;

export type PageLanguage = keyof typeof TEXTS;

const STYLE = `body{margin:0;font:16px/1.5 system-ui,sans-serif;background:#f4f5f7;color:#1c2430}
main{max-width:420px;margin:0 auto;padding:24px 16px}
dl{background:#fff;border-radius:12px;padding:4px 16px;margin:16px 0}
dt{color:#5b6675;font-size:14px;padding-top:12px}dd{margin:0;padding-bottom:12px;overflow-wrap:anywhere;border-bottom:1px solid #e6e9ee}
dd:last-child{border:0}
a.back{display:block;text-align:center;background:#0b57d0;color:#fff;border-radius:12px;padding:14px;text-decoration:none}
a.back:focus-visible{outline:3px solid #a8c7fa}`;

/** The page that somebody sees who was handed to the sandbox lender: complete HTML, without script. */
export function handoffPage(shown: ShownHandoff, language: PageLanguage): string {
  const texts = TEXTS[language];
  const destinations: Readonly<Record<string, string>> = texts.destinations;
  const person = [shown.name, shown.phone].filter((part) => part !== null).join(' ');
  const rows = [
    [texts.destination, destinations[shown.destination] ?? shown.destination],
    [texts.partner, shown.partner_id],
    [texts.application, shown.application_id],
    [texts.loan, shown.loan_id],
    [texts.applicant, person === '' ? texts.nobody : person],
  ].filter(([, value]) => value !== null);
  const list = rows.map(([name, value]) => `<dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd>`).join('\n');
  return `<!doctype html>
<html lang="${language === 'zh' ? 'zh-CN' : 'en'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${texts.title} – ${escapeHtml(shown.lender)}</title>
<style>${STYLE}</style>
</head>
<body><main>
<h1>${escapeHtml(shown.lender)}</h1>
<p>${texts.intro}</p>
<dl>
${list}
</dl>
<a class="back" href="${escapeHtml(shown.return_url)}">${texts.back}</a>
</main></body>
</html>
`;
}

function escapeHtml(text: string | null | undefined): string {
  const codes: Readonly<Record<string, string>> = {
    '&': '&amp;',
    '<': '&lt;',
    '>': '&gt;',
    '"': '&quot;',
    "'": '&#39;',
  };
  return (text ?? '').replace(/[&<>"']/g, (character) => codes[character] ?? character);
}
