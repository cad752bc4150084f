import type { Metadata } from 'next'
import { PasskeySignUp } from '../../../../components/entry/passkey-sign-up.tsx'

export const metadata: Metadata = { title: 'Create your passkey' }

export default function PasskeySignUpPage() {
  return <PasskeySignUp />
}
