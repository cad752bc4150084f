import { escapeHtml } from '@sallyport/protocol/escape-html'

const made = Symbol('html')

/** Escaped HTML. {@link html} creates it. {@link trustedHtml} creates it without escaping. */
export type Html = { readonly [made]: string }

/**
 * Creates HTML from a template. Every value is escaped, so a value can be text or the value of a quoted attribute. Do not use it inside
 * `<script>` and `<style>`, or for an `href` if its scheme comes from user input.
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

/** Marks HTML of another source as safe, for example of a library that renders components. Nothing in it is escaped. */
export function trustedHtml(text: string): Html {
  return { [made]: text }
}

/** Returns the text of HTML that was made with {@link html} or {@link trustedHtml}. Returns null for other values. */
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
