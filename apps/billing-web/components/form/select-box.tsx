import { ChevronDown } from 'lucide-react'
import type { ComponentProps } from 'react'

/** The browser's own `<select>`. Its arrow is the same in every browser. */
export function SelectBox(props: Omit<ComponentProps<'select'>, 'className'>) {
  return (
    <span className="relative block">
      <select {...props} className="field appearance-none truncate pr-9" />
      <ChevronDown aria-hidden className="pointer-events-none absolute top-2.5 right-3 size-4 text-faint" />
    </span>
  )
}
