/** The pages' whole style: system fonts, one column, targets of 44 px and more, light and dark. */
export const pageCss = `
:root{color-scheme:light dark;--ink:#16202c;--soft:#55616f;--line:#d5dbe3;--paper:#fff;--ground:#f3f5f8;--key:#0b5cad;--bad:#b3261e;--good:#12663a;--tint:#eaf2fb;--pale:#fdf1f0}
@media (prefers-contrast:more){:root{--soft:#33404d;--line:#55616f}}
@media (prefers-color-scheme:dark){:root{--ink:#e8edf3;--soft:#a3afbd;--line:#3a4552;--paper:#1a222c;--ground:#10161d;--key:#7db8f5;--bad:#ff9d94;--good:#7fd6a4;--tint:#1f2d3d;--pale:#2c1f22}}
@media (prefers-color-scheme:dark) and (prefers-contrast:more){:root{--soft:#cdd6e0;--line:#a3afbd}}
@media (prefers-reduced-motion:no-preference){button,.button{transition:opacity .15s}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif;text-autospace:normal;overflow-wrap:break-word}
main{max-width:34rem;margin:0 auto;padding:.5rem 1rem 3rem}
nav{text-align:right}
nav a{display:inline-block;padding:.65rem 0 .65rem 1.5rem}
a{color:var(--key)}
h1{font-size:1.5rem;line-height:1.25;margin:.25rem 0 1rem}
h2{font-size:1.05rem;margin:0 0 .75rem}
section,fieldset{background:var(--paper);border:1px solid var(--line);border-radius:.75rem;padding:1rem;margin:0 0 1rem;min-width:0}
legend{font-weight:600;font-size:1.05rem;padding:0;float:left;width:100%;margin-bottom:.75rem}
legend+*{clear:both}
.lead{font-size:1.05rem;margin-bottom:1rem}
[hidden]{display:none!important}
dl{margin:0}
dl div{display:flex;justify-content:space-between;gap:1rem;padding:.2rem 0}
dt{color:var(--soft)}
dd{margin:0;flex:none;max-width:65%;text-align:right;font-weight:500}
.note{color:var(--soft);font-size:.875rem;margin:.75rem 0 0}
.field{margin:0 0 1.25rem}
.field:last-child,.field:has(+.estimate[hidden]){margin-bottom:0}
label{display:block;font-weight:500;margin-bottom:.3rem}
input,select{width:100%;font:inherit;color:inherit;background-color:var(--paper);border:1px solid var(--soft);border-radius:.5rem;padding:.65rem .75rem;min-height:3rem}
select{appearance:none;padding-right:2.25rem;background-image:linear-gradient(45deg,transparent 50%,var(--soft) 50%),linear-gradient(135deg,var(--soft) 50%,transparent 50%);background-position:right 1.1rem center,right .75rem center;background-size:.37rem .37rem;background-repeat:no-repeat}
:focus-visible{outline:3px solid var(--key);outline-offset:2px}
[aria-invalid=true]{border-color:var(--bad);border-width:2px}
[type=checkbox][aria-invalid=true]{outline:2px solid var(--bad);outline-offset:0}
[type=checkbox]:focus-visible{outline:3px solid var(--key);outline-offset:2px}
[type=range]{width:100%;min-height:2.75rem;padding:0;margin:.25rem 0 0;border:0;background:none;accent-color:var(--key);cursor:pointer}
[type=file]{padding:.6rem;min-height:3rem}
.estimate{background:var(--tint);border-radius:.5rem;padding:.75rem;margin:0}
.estimate span{display:block}
.estimate span:first-child{font-weight:600;font-size:1.05rem}
.hint{color:var(--soft);font-size:.875rem;margin:.3rem 0 0}
.error{color:var(--bad);font-size:.9rem;font-weight:600;margin:.3rem 0 0}
.check{margin:0;display:grid;grid-template-columns:auto minmax(0,1fr);gap:.6rem;align-items:start}
.check input{width:1.5rem;height:1.5rem;min-height:0;margin:.65rem 0 0;accent-color:var(--key)}
.check label{font-weight:400;margin:0;padding:.65rem 0}
.text{font-size:.9rem;margin:0 0 .35rem;color:var(--soft)}
summary{cursor:pointer;padding:.75rem 0}
section>details>summary{padding:.25rem 0;min-height:2.75rem;display:flex;align-items:center;gap:.5rem;font-weight:500}
section>details>summary::before{content:"＋";color:var(--key)}
section>details[open]>summary::before{content:"－"}
summary::-webkit-details-marker{color:var(--key)}
.plain{margin:0;padding-left:1.25rem;font-size:.9rem}
.plain li{padding:.2rem 0}
code{font-size:.8em;overflow-wrap:anywhere;color:var(--soft)}
button,.button{display:block;width:100%;font:inherit;font-weight:600;text-align:center;text-decoration:none;border-radius:.6rem;padding:.8rem 1rem;min-height:3.1rem;border:1px solid var(--key);background:var(--key);color:var(--paper);cursor:pointer;margin-bottom:.75rem}
button.second,.button.second{background:transparent;color:var(--key)}
button.busy,button:disabled{opacity:.65;cursor:default}
.radio{display:flex;align-items:center;gap:.6rem;min-height:2.75rem;font-weight:400;margin:0}
.radio input{width:1.5rem;height:1.5rem;min-height:0;flex:none}
.otp input{font-size:1.5rem;letter-spacing:.4em;padding-left:1.15em;text-align:center}
.notice{background:var(--tint);border-color:var(--key)}
.alert{border:2px solid var(--bad);background:var(--pale)}
.alert h2{margin-bottom:.25rem}
.alert ul{margin:0;padding-left:1.25rem}
.alert li{padding:.25rem 0}
.alert a{font-weight:500}
.state{font-size:1.2rem;font-weight:600;margin:0 0 .5rem}
.state.good{color:var(--good)}
p{margin:0 0 .5rem}
p:last-child{margin-bottom:0}
`;
