import { escapeHtml } from '@sallyport/protocol/escape-html'

const made = Symbol('html')

/** HTML that is safe to insert. {@link html} escapes its values. {@link trustedHtml} does not escape its text. */
export type Html = { readonly [made]: string }

/**
 * Creates HTML from a template. Texts and numbers are escaped, so they can be used as text or in a quoted attribute. Values of the type
 * `Html` are inserted unchanged. Do not use values inside `<script>` and `<style>`. Do not use a value as an `href` if its scheme comes
 * from user input.
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

/** Marks HTML from another source as safe, for example from a library that renders components. The HTML is not escaped. */
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
