import { escapeHtml } from '@sallyport/protocol/escape-html'
import type { OpenApi, Operation } from './openapi.ts'
import { schemaHtml } from './schema-html.ts'

const style = `
:root { color-scheme: light dark; --ink: light-dark(#14161a, #e8eaee); --soft: light-dark(#4b5361, #a9b1be); --line: light-dark(#e1e4e9, #2b303a); --card: light-dark(#fff, #181b21); --page: light-dark(#f7f8fa, #0f1115); --accent: light-dark(#2a4bc0, #9db4ff) }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.55 ui-sans-serif, system-ui, sans-serif }
main { max-width: 56rem; margin: 0 auto; padding: 2.5rem 1rem 5rem }
h1 { margin: 0; font-size: 1.75rem; letter-spacing: -.02em }
h2 { margin: 2.5rem 0 .75rem; font-size: 1.15rem }
h3 { margin: 1rem 0 .35rem; font-size: .8125rem; color: var(--soft); font-weight: 600 }
p { margin: .4rem 0; text-wrap: pretty }
a { color: var(--accent) }
code { font: .8125rem/1.5 ui-monospace, Menlo, monospace }
dl { display: grid; grid-template-columns: minmax(6rem, max-content) 1fr; margin: .35rem 0; padding: .35rem .75rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--page) }
dt, dd { margin: 0; padding: .2rem .75rem .2rem 0; min-width: 0; overflow-wrap: anywhere }
dd dl { padding: 0 0 0 .75rem; border-width: 0 0 0 2px; border-radius: 0 }
@media (max-width: 40rem) { dl { display: block } dd { padding-bottom: .5rem } td:first-child { width: 3rem } }
details { margin: .5rem 0; border: 1px solid var(--line); border-radius: .75rem; background: var(--card) }
summary { display: flex; flex-wrap: wrap; gap: .25rem .75rem; align-items: baseline; padding: .7rem 1rem; cursor: pointer; list-style: none }
summary::-webkit-details-marker { display: none }
summary:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px; border-radius: .75rem }
.method { min-width: 4rem; font-weight: 700; font-size: .75rem; color: var(--accent) }
.path { font-weight: 600; overflow-wrap: anywhere }
.what { color: var(--soft) }
.inside { padding: 0 1rem 1rem }
table { width: 100%; border-collapse: collapse }
td { padding: .4rem .75rem .4rem 0; border-top: 1px solid var(--line); vertical-align: top }
td:first-child { width: 3.5rem; font-variant-numeric: tabular-nums; font-weight: 600 }
`

/** Returns the OpenAPI document as an HTML page. The page has no scripts, and loads no fonts or styles from other servers. */
export function referencePage(document: OpenApi): string {
  const { info, servers, tags, paths } = document
  const groups = tags.map(({ name }) => {
    const inside = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, operation]) => operation.tags.includes(name))
        .map(([method, operation]) => operationHtml(method, path, operation)),
    )
    return `<section aria-labelledby="${idOf(name)}"><h2 id="${idOf(name)}">${escapeHtml(name)}</h2>${inside.join('')}</section>`
  })
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(info.title)} · HTTP interface</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(info.title)}</h1>
<p class="what">${inline(info.description)}</p>
<p><code>${escapeHtml(servers[0]?.url ?? '')}</code> · <a href="openapi.json">OpenAPI 3.1</a></p>
${groups.join('\n')}
</main>
</body>
</html>
`
}

function operationHtml(method: string, path: string, operation: Operation): string {
  const { summary, security, parameters = [], requestBody, responses } = operation
  const body = requestBody?.content['application/json']?.schema
  return `<details id="${operation.operationId}"><summary><span class="method">${method.toUpperCase()}</span><code class="path">${escapeHtml(path)}</code><span class="what">${escapeHtml(summary)}</span></summary>
<div class="inside">
<p>${security.length === 0 ? 'Anybody.' : `By ${security.map((way) => `<code>${Object.keys(way).join()}</code>`).join(' or ')}.`}</p>
${parameters.map((parameter) => `<p><code>${escapeHtml(parameter.name)}</code> in the ${escapeHtml(parameter.in)}. ${inline(parameter.description ?? '')}</p>`).join('')}
${body ? `<h3>Body${requestBody.required ? '' : ' (optional)'}${requestBody.content['application/x-www-form-urlencoded'] ? ', as JSON or as a form' : ''}</h3>${schemaHtml(body)}` : ''}
<h3>Answers</h3>
<table><tbody>${Object.entries(responses).map(responseHtml).join('')}</tbody></table>
</div></details>`
}

function responseHtml([status, { description, content = {} }]: [
  string,
  Operation['responses'][string],
]): string {
  const schema = content['application/json']?.schema
  const sentences = description.split('\n\n').map((sentence) => `<p>${inline(sentence)}</p>`)
  return `<tr><td>${status}</td><td>${sentences.join('')}${schema ? schemaHtml(schema) : ''}</td></tr>`
}

function idOf(name: string): string {
  return name.toLowerCase().replace(/\W+/g, '-')
}

/** Escapes plain text. Text between backticks becomes code. */
function inline(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>')
}
