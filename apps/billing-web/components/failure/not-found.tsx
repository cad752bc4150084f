import { FileQuestion } from 'lucide-react'
import { DeadEnd } from './dead-end.tsx'

export function NotFound({ ways }: { ways: readonly { href: string; label: string }[] }) {
  return (
    <DeadEnd Icon={FileQuestion} title="Page not found" ways={ways}>
      The address may be wrong, or the page was removed.
    </DeadEnd>
  )
}
