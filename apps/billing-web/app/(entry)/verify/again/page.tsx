import type { Metadata } from 'next'
import { AskForLink } from '../../../../components/entry/ask-for-link.tsx'

export const metadata: Metadata = { title: 'Get a new link' }

export default function VerifyAgainPage() {
  return <AskForLink />
}
