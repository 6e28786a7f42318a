import { errorText } from '../output/format.ts'
import { ListenError } from '../../index.ts'
import { readPageFiles } from '../../web/files.ts'
import { serveWeb } from '../../web/web.ts'
import type { WebServer } from '../../web/web.ts'
import type { WebSource } from '../../web/protocol.ts'

/** Where the page is, unless that port is taken. */
export const WEB_PORT = 9465

const HOST = '127.0.0.1'

/**
 * Serves the page: at `port`, or without one at {@link WEB_PORT} or a free one. Resolves when the page can be opened: in a clone it is made
 * first. Throws where it cannot be made.
 */
export async function openWeb (source: WebSource, port: number | undefined): Promise<WebServer> {
  const files = await readPageFiles().catch((err: unknown) => {
    throw new Error(`Could not make the live page, go without --web: ${errorText(err)}`, { cause: err })
  })

  try {
    return await serveWeb({ source, host: HOST, port: port ?? WEB_PORT, files })
  } catch (err) {
    if (port != null || !(err instanceof ListenError)) {
      throw err
    }

    return serveWeb({ source, host: HOST, port: 0, files })
  }
}
