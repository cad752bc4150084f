import { escapeHtml } from '@sallyport/protocol/escape-html'

const made = Symbol('html')

/** Escaped HTML. Created by {@link html} or, without escaping, by {@link trustedHtml}. */
export type Html = { readonly [made]: string }

/**
 * Creates HTML from a template. Every value is escaped, for text and for quoted attributes. Do not use it inside of `<script>` and `<style>`,
 * or for an `href` whose scheme comes from user input.
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

/** Marks HTML from another source, such as a renderer of components, as safe. Nothing in it is escaped. */
export function trustedHtml(text: string): Html {
  return { [made]: text }
}

/** Returns the text of HTML made by {@link html} or {@link trustedHtml}; null for other values. */
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
