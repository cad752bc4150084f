import type { Config } from '../../config/config.ts'
import { publicJson } from '../answers.ts'
import { openApi } from '../openapi.ts'
import { referencePage } from '../reference-page.ts'
import type { Route } from '../route.ts'

/** Made once: nothing of it changes while the server runs. */
const made = new WeakMap<Config, ReturnType<typeof openApi>>()

function openApiOf(config: Config): ReturnType<typeof openApi> {
  const found = made.get(config) ?? openApi(config)
  made.set(config, found)
  return found
}

/** `GET openapi.json`: what this server promises. */
export const openApiRoute: Route = (_, { config }) => publicJson(openApiOf(config))

/** `GET reference`: the same for people, without a script and without anything from elsewhere. */
export const referenceRoute: Route = (_, { config }) =>
  new Response(referencePage(openApiOf(config)), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'public, max-age=300',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    },
  })
