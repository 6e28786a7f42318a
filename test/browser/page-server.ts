import { createServer } from 'node:http'
import { extname } from 'node:path'
import type { AddressInfo } from 'node:net'

/** What a page may do at most that holds to a strict policy: nothing is evaluated, nothing comes from elsewhere. */
export const CSP: string = [
  'default-src \'none\'', 'script-src \'self\'', 'style-src \'self\'', 'connect-src \'self\' ws://127.0.0.1:*',
  'base-uri \'none\'', 'form-action \'none\''
].join('; ')

const TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json'
}

/** Files that are served to a page over loopback. */
export interface PageServer {
  readonly url: string
  close (): Promise<void>
}

/** Serves files by name, `index.html` at the root. */
export async function servePages (files: ReadonlyMap<string, string | Uint8Array>): Promise<PageServer> {
  const server = createServer(({ url = '/' }, response) => {
    const name = new URL(url, 'http://localhost').pathname.slice(1) || 'index.html'
    const content = files.get(name)

    response.writeHead(content == null ? 404 : 200, {
      'content-type': TYPES[extname(name)] ?? 'text/plain',
      'content-security-policy': CSP,
      'cache-control': 'no-store'
    })
    response.end(content)
  })

  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => { server.once('listening', resolve) })

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,

    async close () {
      server.closeAllConnections()
      await new Promise((resolve) => { server.close(resolve) })
    }
  }
}
