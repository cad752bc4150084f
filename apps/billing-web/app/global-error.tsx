'use client'

import './globals.css'
import { Unavailable } from '../components/failure/unavailable.tsx'

// This page also replaces the root layout, so it must render the whole document.
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
