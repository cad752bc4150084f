import { escapeHtml } from '@sallyport/protocol/escape-html'

/** The parts of a mail before they are laid out. All of them are plain text. */
export type Letter = {
  subject: string
  /** The heading of the HTML. The plain text has no heading and begins with the first paragraph. */
  heading: string
  /** The paragraphs. The first paragraph says who requested what, and what happens after a click on the button. */
  paragraphs: string[]
  /** A code that the reader types or copies. It is below the paragraphs. */
  code?: string
  /** The button. Its address is also in the plain text, for mail programs that show no links. */
  action?: { label: string; url: string }
  /** Notes below the button: how long the link is valid, and what to do if the reader did not request the mail. */
  notes: string[]
}

export type Rendered = { subject: string; html: string; text: string }

/**
 * Renders a letter as HTML and as plain text. The HTML loads no pictures, fonts or style sheets. It is readable without styles, in dark
 * mode, and at any width.
 */
export function render(letter: Letter, productName: string): Rendered {
  return { subject: letter.subject, html: htmlOf(letter, productName), text: textOf(letter, productName) }
}

function textOf({ paragraphs, code, action, notes }: Letter, productName: string): string {
  const blocks = [
    ...paragraphs,
    ...(code ? [code] : []),
    ...(action ? [`${action.label}:\n${action.url}`] : []),
    ...notes,
    `-- \n${productName}`,
  ]
  return `${blocks.join('\n\n')}\n`
}

function htmlOf({ subject, heading, paragraphs, code, action, notes }: Letter, productName: string): string {
  const button = action
    ? `<p style="margin:28px 0"><a class="button" href="${escapeHtml(action.url)}" style="display:inline-block;padding:12px 20px;border-radius:8px;background:#1f2937;color:#ffffff;font-weight:600;text-decoration:none">${escapeHtml(action.label)}</a></p>
<p class="soft" style="margin:0 0 20px;font-size:13px;line-height:20px;color:#5b6472">If the button does not work, open this address:<br><span style="word-break:break-all">${escapeHtml(action.url)}</span></p>`
    : ''
  const codeLine = code
    ? `<p style="margin:0 0 16px;font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:32px;line-height:40px;font-weight:600;letter-spacing:6px">${escapeHtml(code)}</p>\n`
    : ''
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${escapeHtml(subject)}</title>
<style>
@media (prefers-color-scheme: dark) {
  body, .page { background: #0f1115 !important; }
  .card { background: #181b21 !important; border-color: #2b303a !important; color: #e8eaee !important; }
  .soft { color: #a2aab8 !important; }
  .button { background: #e8eaee !important; color: #14161a !important; }
}
</style>
</head>
<body style="margin:0;background:#f4f5f7">
<div class="page" style="background:#f4f5f7;padding:32px 16px">
<div class="card" style="max-width:520px;margin:0 auto;padding:32px;background:#ffffff;border:1px solid #e3e6eb;border-radius:12px;color:#14161a;font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:16px;line-height:24px">
<h1 style="margin:0 0 16px;font-size:20px;line-height:28px">${escapeHtml(heading)}</h1>
${paragraphs.map((paragraph) => `<p style="margin:0 0 16px">${escapeHtml(paragraph)}</p>`).join('\n')}
${codeLine}${button}
${notes.map((note) => `<p class="soft" style="margin:0 0 8px;font-size:13px;line-height:20px;color:#5b6472">${escapeHtml(note)}</p>`).join('\n')}
</div>
<p class="soft" style="max-width:520px;margin:16px auto 0;text-align:center;font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:13px;color:#5b6472">${escapeHtml(productName)}</p>
</div>
</body>
</html>
`
}
