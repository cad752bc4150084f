import type { ReactNode } from 'react'
import { SettingsNavigation } from '../../../components/profile/settings-navigation.tsx'

// Dresses the pages; each of them asks who is there.
export default function ProfileLayout({ children }: { children: ReactNode }) {
  return (
    <div className="max-w-2xl">
      <SettingsNavigation />
      {children}
    </div>
  )
}
