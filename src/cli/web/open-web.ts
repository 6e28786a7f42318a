import { ListenError } from '../../index.ts'
import { serveWeb } from '../../web/web.ts'
import type { WebServer } from '../../web/web.ts'
import type { WebSource } from '../../web/protocol.ts'

/** Where the page is, unless that port is taken. */
export const WEB_PORT = 9465

const HOST = '127.0.0.1'

/** Serves the page: at `port`, or without one at {@link WEB_PORT} or a free one. */
export async function openWeb (source: WebSource, port: number | undefined): Promise<WebServer> {
  try {
    return await serveWeb({ source, host: HOST, port: port ?? WEB_PORT })
  } catch (err) {
    if (port != null || !(err instanceof ListenError)) {
      throw err
    }

    return serveWeb({ source, host: HOST, port: 0 })
  }
}
