import { escapeHtml } from '@sallyport/protocol/escape-html'

const made = Symbol('html')

/** HTML whose parts have been escaped. Made by {@link html}, or vouched for with {@link trustedHtml}. */
export type Html = { readonly [made]: string }

/**
 * HTML from a template: every value in it is escaped, for text and for attributes in quotes. Not for the inside of `<script>` and
 * `<style>`, nor for an `href` whose scheme somebody else chooses.
 *
 * @example
 * html`<p>Hello ${name}, <a href="${link}">confirm your address</a>.</p>`
 */
export function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | number | Html | readonly Html[])[]
): Html {
  const text = values.map((value, at) => `${insert(value)}${parts[at + 1] ?? ''}`)
  return { [made]: `${parts[0] ?? ''}${text.join('')}` }
}

/** HTML as somebody else has made it, such as a renderer of components. Nothing in it is escaped: you vouch for it. */
export function trustedHtml(text: string): Html {
  return { [made]: text }
}

/** The text of some HTML; null for what was made in no such way. */
export function htmlText(value: unknown): string | null {
  if (typeof value !== 'object' || value === null || !(made in value)) return null
  const text = value[made]
  return typeof text === 'string' ? text : null
}

function insert(value: string | number | Html | readonly Html[]): string {
  if (typeof value === 'string' || typeof value === 'number') return escapeHtml(String(value))
  if (Array.isArray(value)) return value.map(insert).join('')
  return htmlText(value) ?? ''
}
