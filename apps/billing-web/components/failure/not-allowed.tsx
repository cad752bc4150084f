import { Lock } from 'lucide-react'
import { DeadEnd } from './dead-end.tsx'

export function NotAllowed() {
  return (
    <DeadEnd
      Icon={Lock}
      title="Your role does not allow this page"
      ways={[
        { href: '/dashboard', label: 'Go to the dashboard' },
        { href: '/profile', label: 'See your role' },
      ]}
    >
      You are signed in, but your role has no access to this page. If you need access, ask an owner of your
      company to change your role.
    </DeadEnd>
  )
}
