import { toNextJsHandler } from 'better-auth/next-js'
import { cachedAuth } from '../../../../better-auth.js'

export const { GET, POST } = toNextJsHandler(cachedAuth)
