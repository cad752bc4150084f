import bowser from 'bowser'

const browsers: ReadonlySet<string> = new Set(Object.values(bowser.BROWSER_MAP))
const systems: ReadonlySet<string> = new Set(Object.values(bowser.OS_MAP))

/**
 * Describes a browser and a system, such as "Firefox on Windows". Uses only known names. For an unknown user agent, the parser returns the
 * beginning of the header, which can be any text or address.
 */
export function describeDevice(userAgent: string | null): string {
  if (userAgent === null || userAgent === '') return 'an unknown device'
  const { browser, os } = bowser.parse(userAgent)
  const name = browsers.has(browser.name ?? '') ? browser.name : 'an unknown browser'
  return systems.has(os.name ?? '') ? `${name} on ${os.name}` : `${name}`
}
