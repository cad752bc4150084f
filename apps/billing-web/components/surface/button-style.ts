const base =
  'inline-flex select-none items-center justify-center gap-1.5 whitespace-nowrap rounded-lg font-medium transition-colors aria-disabled:cursor-default'

const kinds = {
  primary: 'bg-accent text-on-accent hover:bg-accent-hover',
  secondary: 'border border-line bg-surface text-ink shadow-xs hover:bg-sunken',
  danger: 'bg-bad-fill text-on-accent hover:bg-bad-hover',
  quiet: 'text-soft hover:bg-sunken hover:text-ink',
} as const

const sizes = {
  regular: 'h-9 px-3.5',
  large: 'h-11 px-5 text-[0.9375rem]',
  small: 'h-8 px-2.5 text-[0.8125rem]',
} as const

/** The style of buttons, and of links that look like buttons. */
export function buttonStyle(kind: keyof typeof kinds, size: keyof typeof sizes = 'regular'): string {
  return `${base} ${kinds[kind]} ${sizes[size]}`
}
