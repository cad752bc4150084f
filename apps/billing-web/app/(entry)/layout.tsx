import { SessionProvider } from '@sallyport/next/client'
import type { ReactNode } from 'react'
import { auth } from '../../auth.ts'
import { EntryShell } from '../../components/entry/entry-shell.tsx'

export default function EntryLayout({ children }: { children: ReactNode }) {
  return (
    <SessionProvider initial={auth()}>
      <EntryShell>{children}</EntryShell>
    </SessionProvider>
  )
}
