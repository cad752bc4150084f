const exact = new Map<string, Intl.NumberFormat>()
const round = new Map<string, Intl.NumberFormat>()
const compact = new Map<string, Intl.NumberFormat>()

/** Formats an amount with cents, such as `$1,250.50`. */
export function formatMoney(cents: number, currency = 'USD'): string {
  return formatter(exact, currency, {}).format(cents / 100)
}

/** Formats an amount without cents, such as `$48,210`. */
export function formatRoundMoney(cents: number, currency = 'USD'): string {
  return formatter(round, currency, { maximumFractionDigits: 0 }).format(cents / 100)
}

/** Formats an amount for an axis, such as `$48K`. */
export function formatCompactMoney(cents: number, currency = 'USD'): string {
  return formatter(compact, currency, { notation: 'compact', maximumFractionDigits: 1 }).format(cents / 100)
}

/**
 * Returns an amount that a user has typed (`1250`, `1,250.50`, `$ 12`) in cents. Returns null if the text is not an amount. If it has a
 * third decimal, it is refused and not rounded, because the invoice must have exactly the typed amount.
 */
export function parseMoney(text: string): number | null {
  const match = /^\$?\s*(\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.(\d{1,2}))?$/.exec(text.trim())
  if (match === null) return null
  const [, whole = '', fraction = ''] = match
  return Number(whole.replaceAll(',', '')) * 100 + Number(fraction.padEnd(2, '0'))
}

// Formatters are cached, because creating one takes a hundred times longer than using it.
function formatter(
  kept: Map<string, Intl.NumberFormat>,
  currency: string,
  options: Intl.NumberFormatOptions,
): Intl.NumberFormat {
  const known = kept.get(currency)
  if (known) return known
  const made = new Intl.NumberFormat('en-US', { style: 'currency', currency, ...options })
  kept.set(currency, made)
  return made
}
