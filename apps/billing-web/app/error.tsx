'use client'

import { Unavailable } from '../components/failure/unavailable.tsx'

export default function RootError({
  error,
  retry,
}: {
  error: Error & { digest?: string }
  retry: () => void
}) {
  return (
    <main id="content" className="px-6">
      <Unavailable retry={retry} reference={error.digest} elsewhere="/" />
    </main>
  )
}
