import { Lock } from 'lucide-react'
import { DeadEnd } from './dead-end.tsx'

export function NotAllowed() {
  return (
    <DeadEnd
      Icon={Lock}
      title="Your role cannot open this page"
      ways={[
        { href: '/dashboard', label: 'To the dashboard' },
        { href: '/profile', label: 'See your role' },
      ]}
    >
      You are signed in, but your role does not include it. If you need it for your work, ask an owner of your
      company to change your role.
    </DeadEnd>
  )
}
