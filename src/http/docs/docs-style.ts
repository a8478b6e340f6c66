/** One style sheet for all pages: no outside fonts, no scripts; light and dark. */
export const docsStyle = `
:root{--ink:#1b2430;--soft:#5a6675;--line:#dfe4ea;--ground:#fff;--panel:#f6f8fa;--accent:#b3261e;--link:#0b57a4;--get:#0b6b4f;--post:#0b57a4;--put:#8a5a00;--good:#0b6b4f;--shade:#eef2f6}
@media(prefers-color-scheme:dark){:root{--ink:#e4e9ef;--soft:#9aa7b5;--line:#2f3945;--ground:#12171d;--panel:#1a2129;--accent:#ff8a80;--link:#79b8ff;--get:#56d3a5;--post:#79b8ff;--put:#e3b341;--good:#56d3a5;--shade:#1f2831}}
*{box-sizing:border-box}
html{scroll-padding-top:4.5rem}
@media(prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
body{margin:0;color:var(--ink);background:var(--ground);font:16px/1.75 "PingFang SC","Hiragino Sans GB","Microsoft YaHei","Noto Sans CJK SC","Noto Sans SC","Source Han Sans SC","WenQuanYi Micro Hei",system-ui,sans-serif}
[lang=en]{font-family:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
main p a,main li a,dd a{text-decoration:underline;text-decoration-thickness:.06em;text-underline-offset:.2em}
:focus-visible{outline:3px solid var(--link);outline-offset:2px;border-radius:4px}
.skip{position:absolute;left:-99rem;top:.5rem;z-index:3;background:var(--ground);padding:.4rem .8rem;border:1px solid var(--line);border-radius:6px}.skip:focus{left:1rem}
h3 a.self{color:inherit}h3 a.self:hover::after{content:" #";color:var(--soft)}
section:target>h3{color:var(--accent)}
code,pre,kbd{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"Noto Sans Mono CJK SC",monospace;font-size:.86em}
code{background:var(--shade);padding:.1em .35em;border-radius:4px;overflow-wrap:anywhere}
pre{background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:.9rem 1rem;overflow:auto;line-height:1.6;margin:.6rem 0 1rem;max-height:32rem;white-space:pre-wrap;overflow-wrap:anywhere}
pre code{background:none;padding:0;font-size:1em;overflow-wrap:normal}
header.top{position:sticky;top:0;z-index:2;display:flex;gap:1.6rem;align-items:baseline;padding:.75rem 1.6rem;background:var(--ground);border-bottom:1px solid var(--line)}
header.top .name{font-weight:700;font-size:1.15rem;color:var(--ink);letter-spacing:.04em}
header.top .name::before{content:"";display:inline-block;width:.62em;height:.62em;margin-right:.5em;border-radius:2px;background:var(--accent)}
header.top nav{display:flex;gap:1.2rem;font-size:.95rem}
.columns{display:grid;grid-template-columns:17rem minmax(0,1fr);max-width:82rem;margin:0 auto}
.side{position:sticky;top:3.4rem;align-self:start;height:calc(100vh - 3.4rem);overflow:auto;padding:1.4rem 1rem 3rem 1.6rem;border-right:1px solid var(--line);font-size:.92rem}
.side h2{font-size:.8rem;margin:1.2rem 0 .3rem;padding:0;border:0;color:var(--soft);font-weight:600;letter-spacing:.08em}.side h2:first-child{margin-top:0}
.side ul{list-style:none;margin:0;padding:0}.side li{margin:.1rem 0}.side a{display:block;padding:.12rem .4rem;border-radius:5px;color:var(--ink)}
.side a:hover{background:var(--shade);text-decoration:none}
main{padding:1.6rem 2.4rem 5rem;max-width:60rem}
main.single{margin:0 auto}
h1{font-size:1.9rem;line-height:1.3;margin:.4rem 0 .6rem}
h2{font-size:1.35rem;margin:2.6rem 0 .6rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
h3{font-size:1.08rem;margin:2.2rem 0 .3rem}
section{padding-bottom:.6rem}section+section{border-top:1px solid var(--line);margin-top:1.2rem}
h4{font-size:.95rem;margin:1.1rem 0 .2rem;color:var(--soft);font-weight:600}
.lead{color:var(--soft);font-size:1.05rem;margin:.2rem 0 1rem}
.call{display:flex;gap:.7rem;align-items:center;flex-wrap:wrap;background:var(--panel);border:1px solid var(--line);border-radius:8px;padding:.5rem .8rem;margin:.4rem 0}
.call code{background:none;font-size:.95em;padding:0}
.method{font:600 .76rem/1.5 ui-monospace,Menlo,Consolas,monospace;color:#fff;border-radius:5px;padding:.12rem .5rem;background:var(--post)}
@media(prefers-color-scheme:dark){.method{color:#0e1318}}
.method.get{background:var(--get)}.method.put{background:var(--put)}
.tags{display:flex;flex-wrap:wrap;gap:.4rem;margin:.5rem 0}
.tag{font-size:.82rem;border:1px solid var(--line);border-radius:999px;padding:.02rem .65rem;color:var(--soft)}
.tag b{color:var(--ink);font-weight:600}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.93rem;margin:.3rem 0 .8rem}
th,td{text-align:left;vertical-align:top;padding:.38rem .7rem .38rem 0;border-bottom:1px solid var(--line)}
th{font-weight:600;color:var(--soft);font-size:.84rem}
td.name{white-space:nowrap}td.name code{background:none;padding:0}
.need{color:var(--accent);font-size:.78rem;margin-left:.4em}
.type{color:var(--soft);font-size:.88em}
details{margin:.5rem 0}summary{cursor:pointer;color:var(--link);font-size:.95rem;padding:.15rem 0}
details[open]>summary{margin-bottom:.3rem}
.codes{display:grid;grid-template-columns:2.6rem 1fr;margin:.25rem 0}.codes span+span{display:flex;flex-wrap:wrap;gap:.3rem .45rem}
.codes a{font-size:.84rem;background:var(--shade);border-radius:5px;padding:.05rem .5rem}
.codes .status{font-size:.84rem;color:var(--soft)}
.note{border-left:4px solid var(--accent);background:var(--panel);padding:.6rem 1rem;border-radius:0 8px 8px 0;margin:1rem 0}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.4rem;margin:1rem 0;background:var(--panel);border:1px solid var(--line);border-radius:10px;padding:1rem 1.2rem}
.facts dt{color:var(--soft)}.facts dd{margin:0}
ol.steps{padding-left:1.4rem}ol.steps li{margin:.35rem 0;padding-left:.2rem}
.english{color:var(--soft);font-size:.95rem;border-top:1px solid var(--line);margin-top:2rem;padding-top:.9rem}
.problems{list-style:none;padding:0;margin:.3rem 0}.problems li{display:grid;grid-template-columns:16rem 1fr;gap:1rem;padding:.32rem 0;border-bottom:1px solid var(--line)}
footer{color:var(--soft);font-size:.85rem;margin-top:3rem}
@media(max-width:60rem){.columns{grid-template-columns:minmax(0,1fr)}.side{position:static;height:auto;max-height:15rem;padding:1rem 1.2rem;border-right:0;border-bottom:1px solid var(--line);background:var(--panel)}header.top{padding:.75rem 1.2rem;gap:1.1rem}h1{font-size:1.6rem}main{padding:1.2rem}.problems li{grid-template-columns:1fr;gap:0}}
@media print{:root{--ink:#000;--soft:#444;--line:#bbb;--ground:#fff;--panel:#fff;--shade:#fff;--link:#000;--accent:#000;--get:#000;--post:#000;--put:#000}header.top,.side,.skip{display:none}.columns{display:block}main{padding:0;max-width:none}pre{max-height:none;overflow:visible}.method{color:#000;background:none;border:1px solid #000}section,pre,table{break-inside:avoid}body{font-size:10.5pt}}
`
