// `npm run mails`: writes all mails as HTML and as text into the folder mails/, and an index of them.
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { root } from '../install.mjs'
import { previews } from './previews.ts'

const folder = join(root, 'mails')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
const all = previews()
for (const { name, html, text } of all) {
  writeFileSync(join(folder, `${name}.html`), html)
  writeFileSync(join(folder, `${name}.txt`), text)
}
const items = all.map(
  ({ name, subject }) =>
    `<li><a href="${name}.html">${subject}</a> <small><a href="${name}.txt">as text</a></small></li>`,
)
writeFileSync(
  join(folder, 'index.html'),
  `<!doctype html><meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>Mails</title>
<h1>Every mail</h1><ul>${items.join('\n')}</ul>\n`,
)
console.log(`${all.length} mails: ${pathToFileURL(join(folder, 'index.html')).href}`)
