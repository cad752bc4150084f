import type { ReactNode } from 'react'
import { SettingsNavigation } from '../../../components/profile/settings-navigation.tsx'

// The layout does not check access. Each page checks access itself.
export default function ProfileLayout({ children }: { children: ReactNode }) {
  return (
    <div className="max-w-2xl">
      <SettingsNavigation />
      {children}
    </div>
  )
}
