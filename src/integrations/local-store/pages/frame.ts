import { escaped } from "../../../platform/http/html-page.ts";

const STYLE = `
:root{color-scheme:light dark;--page:#f4f5f9;--card:#fff;--ink:#1b1f2e;--soft:#5f6678;--line:#e2e5ee;--deep:#3b5bdb;--bad:#c92a2a;--good:#2b8a3e}
@media(prefers-color-scheme:dark){:root{--page:#14161d;--card:#1e212b;--ink:#eceef5;--soft:#a2a9bb;--line:#333848;--deep:#748ffc;--bad:#ff8787;--good:#69db7c}}
*{box-sizing:border-box}
body{font:1rem/1.5 system-ui,sans-serif;margin:0;background:var(--page);color:var(--ink)}
header{background:var(--card);border-bottom:1px solid var(--line);padding:.7rem 1rem;font-size:.9rem;color:var(--soft)}
header div,main{max-width:46rem;margin:0 auto}
header div{display:flex;justify-content:space-between;gap:1rem;flex-wrap:wrap}
main{padding:1.2rem 1rem 3rem}
main.narrow{max-width:26rem}
h1{font-size:1.5rem;line-height:1.25;margin:.4rem 0 1rem}
h2{font-size:1.05rem;margin:1.8rem 0 .6rem}
a{color:var(--deep)}
.card{background:var(--card);border:1px solid var(--line);border-radius:.9rem;padding:1rem 1.1rem;margin:0 0 .8rem}
.row{display:flex;justify-content:space-between;align-items:center;gap:.4rem 1rem;flex-wrap:wrap}
.price{font-size:2.2rem;font-weight:650;line-height:1.2;margin:.2rem 0 .8rem}
.soft{color:var(--soft);font-size:.9rem;margin:.15rem 0;overflow-wrap:anywhere}
.badge{display:inline-block;border-radius:1rem;padding:.05rem .6rem;font-size:.8rem;border:1px solid var(--line);color:var(--soft);white-space:nowrap}
.badge.good{color:var(--good);border-color:currentColor}.badge.bad{color:var(--bad);border-color:currentColor}
.notice{border-left:4px solid var(--bad);background:var(--card);padding:.6rem .9rem;margin:0 0 1rem;border-radius:.4rem}
.acts{display:flex;flex-wrap:wrap;gap:.5rem;margin-top:.7rem}
.acts.tall{flex-direction:column}
form{display:flex;gap:.5rem;margin:0;flex-wrap:wrap}
.acts.tall form{display:block}
button{font:inherit;min-height:2.6rem;padding:.4rem 1rem;border:1px solid var(--line);border-radius:.6rem;background:transparent;color:var(--ink);cursor:pointer}
button:hover{border-color:var(--deep)}
.acts.tall button{width:100%;min-height:3rem}
button.main{background:#3b5bdb;border-color:#3b5bdb;color:#fff;font-weight:600}
button.bad{color:var(--bad)}
button:focus-visible,input:focus-visible,a:focus-visible{outline:3px solid var(--deep);outline-offset:2px}
input{font:inherit;min-height:2.6rem;padding:.4rem .7rem;border:1px solid var(--line);border-radius:.6rem;background:var(--page);color:var(--ink);min-width:0;width:7rem}
input.wide{flex:1 1 14rem}
`;

/** A whole page of the local store. @param body markup, in which what comes from outside is escaped */
export const page = (title: string, body: string, narrow = false): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${escaped(title)} · Local store</title><style>${STYLE}</style></head><body><header><div><span>Local store · no real money</span><a href="/local-store">Overview</a></div></header><main${narrow ? ' class="narrow"' : ""}><h1>${escaped(title)}</h1>${body}</main></body></html>`;

/** A button that posts. */
export const button = (
  label: string,
  action: string,
  options: {
    readonly look?: "main" | "bad";
    readonly fields?: Readonly<Record<string, string>>;
  } = {},
): string => {
  const look = options.look === undefined ? "" : ` class="${options.look}"`;
  return `<form method="post" action="${escaped(action)}">${hidden(options.fields)}<button${look}>${escaped(label)}</button></form>`;
};

/** Fields of a form that nobody sees. */
export const hidden = (fields: Readonly<Record<string, string>> = {}): string =>
  Object.entries(fields)
    .map(
      ([name, value]) => `<input type="hidden" name="${escaped(name)}" value="${escaped(value)}">`,
    )
    .join("");

/** A small word on a state. */
export const badge = (text: string, mood: "good" | "bad" | "" = ""): string =>
  `<span class="badge ${mood}">${escaped(text)}</span>`;

/** What went wrong with the last try; nothing when nothing did. */
export const notice = (text: string | null): string =>
  text === null ? "" : `<p class="notice" role="alert">${escaped(text)}</p>`;

/** A line in small print. */
export const soft = (text: string): string => `<p class="soft">${escaped(text)}</p>`;

/** A day as people write it, in UTC. */
export const dayText = (ms: number): string =>
  new Intl.DateTimeFormat("en", { dateStyle: "medium", timeZone: "UTC" }).format(ms);
