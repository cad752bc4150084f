const exact = new Map<string, Intl.NumberFormat>()
const round = new Map<string, Intl.NumberFormat>()
const compact = new Map<string, Intl.NumberFormat>()

/** An amount to the cent, such as `$1,250.50`. */
export function formatMoney(cents: number, currency = 'USD'): string {
  return formatter(exact, currency, {}).format(cents / 100)
}

/** An amount without cents, for figures that are read at a glance: `$48,210`. */
export function formatRoundMoney(cents: number, currency = 'USD'): string {
  return formatter(round, currency, { maximumFractionDigits: 0 }).format(cents / 100)
}

/** An amount in as little room as an axis has: `$48K`. */
export function formatCompactMoney(cents: number, currency = 'USD'): string {
  return formatter(compact, currency, { notation: 'compact', maximumFractionDigits: 1 }).format(cents / 100)
}

/**
 * Reads an amount as people type it (`1250`, `1,250.50`, `$ 12`) into cents. Null for what is no amount: a third decimal is
 * refused rather than rounded, because an invoice must say what was typed.
 */
export function parseMoney(text: string): number | null {
  const match = /^\$?\s*(\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.(\d{1,2}))?$/.exec(text.trim())
  if (match === null) return null
  const [, whole = '', fraction = ''] = match
  return Number(whole.replaceAll(',', '')) * 100 + Number(fraction.padEnd(2, '0'))
}

// Creating a formatter costs a hundred times what using it does.
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
