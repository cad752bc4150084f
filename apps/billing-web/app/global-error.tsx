'use client'

import './globals.css'
import { Unavailable } from '../components/failure/unavailable.tsx'

// Replaces the root layout too, so it needs its own document.
export default function GlobalError({
  error,
  retry,
}: {
  error: Error & { digest?: string }
  retry: () => void
}) {
  return (
    <html lang="en">
      <body className="font-sans">
        <title>Ledgerline</title>
        <main id="content" className="px-6">
          <Unavailable retry={retry} reference={error.digest} elsewhere="/" />
        </main>
      </body>
    </html>
  )
}
