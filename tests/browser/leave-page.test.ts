import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { leavePage } from '../../packages/next/src/request/leave-page.ts'
import { launchBrowser } from '../system/browser.ts'

async function listen(host: string, answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, host)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server, 'listening')
  return `http://${host}:${(server.address() as AddressInfo).port}`
}

test.each([true, false])(
  "a form opens an outside provider although the page has form-action 'self' (scripts: %s)",
  async (javaScriptEnabled) => {
    const provider = await listen('127.0.0.1', (_, response) => response.end('the provider'))
    const address = `${provider}/authorize?a=1&b=2&c='x'`
    const app = await listen('localhost', async (request, response) => {
      if (request.method === 'GET') {
        const headers = { 'content-type': 'text/html', 'content-security-policy': "form-action 'self'" }
        response.writeHead(200, headers).end('<form method="post" action="/go"><button>Go</button></form>')
        return
      }
      const page = leavePage(address)
      response.writeHead(page.status, Object.fromEntries(page.headers)).end(await page.text())
    })
    const browser = await launchBrowser()
    onTestFinished(() => browser.close())
    const context = await browser.newContext({ javaScriptEnabled })
    const page = await context.newPage()
    await page.goto(app)
    await page.click('button')
    await page.waitForURL((url) => url.origin === provider)
    expect(new URL(page.url()).searchParams.toString()).toBe(new URL(address).searchParams.toString())
  },
)
