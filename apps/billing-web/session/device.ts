import Bowser from 'bowser'

/** The device of a session. */
export type Device = { name: string; kind: 'phone' | 'tablet' | 'computer' | 'unknown' }

// A user agent can be any text, so only names from these lists are shown.
const browsers: ReadonlySet<string | undefined> = new Set(Object.values(Bowser.BROWSER_MAP))
const systems: ReadonlySet<string | undefined> = new Set(Object.values(Bowser.OS_MAP))
const appleModels: ReadonlySet<string | undefined> = new Set(['iPhone', 'iPad'])
const shorter: Readonly<Record<string, string>> = {
  'Microsoft Edge': 'Edge',
  'Samsung Internet for Android': 'Samsung Internet',
}
const longestUserAgent = 512

/** Returns the device, with a name such as `Chrome on Windows`. If the user agent is unknown or missing, the name is `Unknown browser`. */
export function describeDevice(userAgent: string | null): Device {
  if (!userAgent) return { name: 'Unknown browser', kind: 'unknown' }
  const { browser, os, platform } = Bowser.parse(userAgent.slice(0, longestUserAgent))
  const known = browsers.has(browser.name) && browser.name !== 'Generic' ? (browser.name ?? '') : ''
  const name = shorter[known] ?? (known || 'Unknown browser')
  const system = appleModels.has(platform.model) ? platform.model : systems.has(os.name) ? os.name : undefined
  return { name: system ? `${name} on ${system}` : name, kind: kindOf(platform.type, system) }
}

function kindOf(platform: string | undefined, system: string | undefined): Device['kind'] {
  if (platform === 'mobile') return 'phone'
  if (platform === 'tablet') return 'tablet'
  return platform === 'desktop' || system === 'Chrome OS' ? 'computer' : 'unknown'
}
