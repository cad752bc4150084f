import bowser from 'bowser'

/** A browser and a system in words, such as "Firefox on Windows": of what anybody can claim to be, only what is known by name. */
export function describeDevice(userAgent: string | null): string {
  if (userAgent === null || userAgent === '') return 'an unknown device'
  const { browser, os } = bowser.parse(userAgent)
  const name = [browser.name ?? 'an unknown browser', os.name && `on ${os.name}`].filter(Boolean).join(' ')
  return name.slice(0, 60)
}
