const exact = new Map<string, Intl.NumberFormat>()
const round = new Map<string, Intl.NumberFormat>()
const compact = new Map<string, Intl.NumberFormat>()

/** Formats an amount with cents: `$1,250.50`. */
export function formatMoney(cents: number, currency = 'USD'): string {
  return formatter(exact, currency, {}).format(cents / 100)
}

/** Formats an amount without cents: `$48,210`. */
export function formatRoundMoney(cents: number, currency = 'USD'): string {
  return formatter(round, currency, { maximumFractionDigits: 0 }).format(cents / 100)
}

/** Formats an amount for an axis: `$48K`. */
export function formatCompactMoney(cents: number, currency = 'USD'): string {
  return formatter(compact, currency, { notation: 'compact', maximumFractionDigits: 1 }).format(cents / 100)
}

/**
 * Parses an amount as users type it (`1250`, `1,250.50`, `$ 12`) into cents. Returns null if it is not an amount. A third decimal is
 * refused and not rounded, because the invoice must have the typed amount.
 */
export function parseMoney(text: string): number | null {
  const match = /^\$?\s*(\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.(\d{1,2}))?$/.exec(text.trim())
  if (match === null) return null
  const [, whole = '', fraction = ''] = match
  return Number(whole.replaceAll(',', '')) * 100 + Number(fraction.padEnd(2, '0'))
}

// Creating a formatter takes a hundred times longer than using it.
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
