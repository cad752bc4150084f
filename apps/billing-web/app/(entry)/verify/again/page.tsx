import type { Metadata } from 'next'
import { AskForLink } from '../../../../components/entry/ask-for-link.tsx'

export const metadata: Metadata = { title: 'A new link' }

export default function VerifyAgainPage() {
  return <AskForLink />
}
