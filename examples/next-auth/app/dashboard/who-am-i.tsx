'use client'

import { useSession } from 'next-auth/react'

export function WhoAmI() {
  const { data: session } = useSession()
  return (
    <p>
      {session?.user.email} {session?.user.roles.join(', ')}
    </p>
  )
}
