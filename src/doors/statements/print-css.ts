/** A4, black on white, figures in columns; readable on a phone too. */
export const printCss = `
@page{size:A4;margin:18mm 16mm 20mm}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0 auto;max-width:190mm;padding:1.5rem 1rem 3rem;background:#fff;color:#111;font:14px/1.5 "Helvetica Neue",Arial,"PingFang SC","Noto Sans CJK SC","Microsoft YaHei",sans-serif}
header{display:flex;justify-content:space-between;gap:1rem;align-items:baseline;border-bottom:2px solid #111;padding-bottom:.5rem;margin-bottom:1rem}
h1{font-size:1.5rem;margin:0}
h2{font-size:1rem;margin:1.5rem 0 .4rem}
.number{font-variant-numeric:tabular-nums;overflow-wrap:anywhere;text-align:right}
.draft{display:inline-block;border:2px solid #b3261e;color:#b3261e;padding:.1rem .6rem;font-weight:700}
.parties{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:1rem}
.parties section{border:1px solid #999;padding:.6rem .8rem}
.parties h2{margin-top:0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem .8rem;margin:0}
dt{color:#555}
dd{margin:0;overflow-wrap:anywhere}
.scroll{overflow-x:auto}
table{width:100%;border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .5rem;border-bottom:1px solid #ccc;text-align:left;vertical-align:top}
th.money,td.money{text-align:right;white-space:nowrap}
thead th{border-bottom:2px solid #111}
tfoot th,tfoot td,tr.sum th,tr.sum td{border-top:2px solid #111;border-bottom:2px solid #111;font-weight:700}
code{font:12px/1.4 ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.sign{display:grid;grid-template-columns:1fr 1fr;gap:2rem;margin-top:2.5rem;break-inside:avoid}
.sign div{border-top:1px solid #111;padding-top:.3rem;min-height:4.5rem}
footer{margin-top:2rem;color:#555;font-size:12px}
tr,section{break-inside:avoid}
@media print{body{padding:0;max-width:none;font-size:10.5pt}}
`;
