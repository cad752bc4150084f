import { FileQuestion } from 'lucide-react'
import { DeadEnd } from './dead-end.tsx'

export function NotFound({ ways }: { ways: readonly { href: string; label: string }[] }) {
  return (
    <DeadEnd Icon={FileQuestion} title="There is nothing here" ways={ways}>
      The address may be mistyped, or what stood here is gone.
    </DeadEnd>
  )
}
