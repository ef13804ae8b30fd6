/** The pages' whole style: system fonts, one column, large targets, light and dark. */
export const pageCss = `
:root{color-scheme:light dark;--ink:#16202c;--soft:#5b6775;--line:#d5dbe3;--paper:#fff;--ground:#f3f5f8;--key:#0b5cad;--bad:#b3261e;--good:#12663a;--tint:#eaf2fb}
@media (prefers-color-scheme:dark){:root{--ink:#e8edf3;--soft:#a3afbd;--line:#3a4552;--paper:#1a222c;--ground:#10161d;--key:#7db8f5;--bad:#ff9d94;--good:#7fd6a4;--tint:#1f2d3d}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif}
main{max-width:34rem;margin:0 auto;padding:1rem 1rem 3rem}
nav{text-align:right;margin-bottom:.25rem}
a{color:var(--key)}
h1{font-size:1.5rem;line-height:1.25;margin:.25rem 0 .75rem}
h2{font-size:1.05rem;margin:0 0 .75rem}
section,fieldset{background:var(--paper);border:1px solid var(--line);border-radius:.75rem;padding:1rem;margin:0 0 1rem;min-width:0}
legend{font-weight:600;font-size:1.05rem;padding:0;float:left;width:100%;margin-bottom:.75rem}
legend+*{clear:both}
dl{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,3fr);gap:.35rem 1rem;margin:0}
dt{color:var(--soft)}
dd{margin:0;text-align:right;font-weight:500}
.note{color:var(--soft);font-size:.875rem;margin:.75rem 0 0}
.field{margin:0 0 1rem}
.field:last-child{margin-bottom:0}
label{display:block;font-weight:500;margin-bottom:.25rem}
input,select{width:100%;font:inherit;color:inherit;background:var(--paper);border:1px solid var(--soft);border-radius:.5rem;padding:.65rem .75rem;min-height:2.9rem}
input:focus-visible,select:focus-visible,button:focus-visible,a:focus-visible{outline:3px solid var(--key);outline-offset:1px}
[aria-invalid=true]{border-color:var(--bad);border-width:2px}
.hint{color:var(--soft);font-size:.875rem;margin:.25rem 0 0}
.error{color:var(--bad);font-size:.9rem;font-weight:500;margin:.25rem 0 0}
.check{display:grid;grid-template-columns:auto 1fr;gap:.6rem;align-items:start}
.check input{width:1.35rem;height:1.35rem;min-height:0;margin:.1rem 0 0;accent-color:var(--key)}
.check label{font-weight:400;margin:0}
.text{font-size:.9rem;margin:.35rem 0 0;color:var(--soft)}
code{font-size:.72rem;overflow-wrap:anywhere;color:var(--soft)}
button{width:100%;font:inherit;font-weight:600;border-radius:.6rem;padding:.8rem 1rem;min-height:3.1rem;border:1px solid var(--key);background:var(--key);color:var(--paper);cursor:pointer;margin-bottom:.75rem}
button.second{background:transparent;color:var(--key)}
.otp input{font-size:1.5rem;letter-spacing:.4em;text-align:center}
.notice{background:var(--tint);border-color:var(--key)}
.alert{border:2px solid var(--bad)}
.alert ul{margin:.25rem 0 0;padding-left:1.25rem}
.state{font-size:1.2rem;font-weight:600;margin:0 0 .5rem}
.state.good{color:var(--good)}
p{margin:0 0 .5rem}
p:last-child{margin-bottom:0}
`;
