'use client'

import { Monitor, Moon, Sun } from 'lucide-react'
import { useId, useSyncExternalStore } from 'react'
import { chooseTheme, storedTheme, type Theme } from './theme.ts'

const choices = [
  { theme: 'system', label: 'System', Icon: Monitor },
  { theme: 'light', label: 'Light', Icon: Sun },
  { theme: 'dark', label: 'Dark', Icon: Moon },
] as const

const listeners = new Set<() => void>()
function listen(listener: () => void) {
  listeners.add(listener)
  window.addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('storage', listener)
  }
}

function choose(theme: Theme) {
  chooseTheme(theme)
  for (const listener of listeners) listener()
}

/** The choice of light, dark or system. It needs scripts. Without scripts it is hidden, and the theme of the system is used. */
export function ThemeChoice() {
  const chosen = useSyncExternalStore(listen, storedTheme, () => 'system' as const)
  const name = useId()
  return (
    <fieldset className="noscript:hidden">
      <legend className="sr-only">Theme</legend>
      <div className="grid grid-cols-3 gap-0.5 rounded-lg bg-track p-0.5">
        {choices.map(({ theme, label, Icon }) => (
          <label
            key={theme}
            className="relative flex h-8 cursor-pointer items-center justify-center gap-1.5 rounded-md px-2 text-soft text-xs has-checked:bg-thumb has-checked:font-medium has-checked:text-ink has-checked:shadow-sm has-focus-visible:outline-2 has-focus-visible:outline-accent-text"
          >
            <input
              type="radio"
              name={name}
              value={theme}
              checked={chosen === theme}
              onChange={() => choose(theme)}
              className="absolute inset-0 cursor-pointer opacity-0"
            />
            <Icon aria-hidden className="size-3.5" />
            {label}
          </label>
        ))}
      </div>
    </fieldset>
  )
}
