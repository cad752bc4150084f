import type { endpoints } from '@sallyport/protocol/endpoints'
import type { Config } from '../../config/config.ts'
import { publicJson } from '../answers.ts'
import type { Handler } from '../handler.ts'
import { openApi } from '../openapi.ts'
import { referencePage } from '../reference-page.ts'

/** The documents are cached, because they do not change while the server runs. */
const made = new WeakMap<Config, ReturnType<typeof openApi>>()

function openApiOf(config: Config): ReturnType<typeof openApi> {
  const found = made.get(config) ?? openApi(config)
  made.set(config, found)
  return found
}

export const openApiHandler: Handler<typeof endpoints.openApi> = (_, { config }) =>
  publicJson(openApiOf(config))

/** Returns the API reference as a page that has no scripts and loads nothing from other servers. */
export const referenceHandler: Handler<typeof endpoints.reference> = (_, { config }) =>
  new Response(referencePage(openApiOf(config)), {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'public, max-age=300',
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    },
  })
