import type { z } from 'zod'

/** One setting: its environment variable, its description and its allowed values. docs/configuration.md is generated from the settings. */
export type Setting = {
  env: string
  schema: z.ZodType
  description: string
  unit?: string
  secret?: boolean
}
