/**
 * Formats a line of CSV (RFC 4180) without a line break. The items of lists are separated by commas. If a spreadsheet would read a text as
 * a formula, an apostrophe is added before it, unless it is a number. This prevents CSV injection.
 */
export function csvLine(values: readonly unknown[]): string {
  return values.map((value) => quoted(textOf(value))).join(',')
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = Array.isArray(value) ? value.join(',') : String(value)
  return /^[=+\-@\t\r]/.test(text) && !/^[+-]?\d+(?:\.\d+)?$/.test(text) ? `'${text}` : text
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
