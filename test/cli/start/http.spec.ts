import assert from 'node:assert/strict'
import { toHttpOptions } from '../../../src/cli/start/http.ts'
import type { StartOptions } from '../../../src/cli/start/settings.ts'
import type { HttpOptions } from '../../../src/http/http.ts'

describe('cli/start/http', () => {
  function parse (http: string | undefined, rest: Partial<StartOptions> = {}): HttpOptions | undefined {
    const options = { httpPublic: false, ...rest, ...(http == null ? {} : { http }) } as StartOptions

    return toHttpOptions({ options, labels: { http: '--http' } as never } as never)
  }

  it('serves nothing unless it is asked for', () => {
    assert.equal(parse(undefined, { httpPublic: true }), undefined)
  })

  for (const [http, host, port] of [
    ['127.0.0.1:9464', '127.0.0.1', 9464], ['[::1]:80', '::1', 80], ['localhost:0', 'localhost', 0], ['9464', '127.0.0.1', 9464]
  ] as const) {
    it(`takes ${http}`, () => {
      assert.deepEqual(parse(http), { host, port, public: false, names: [] })
    })
  }

  for (const http of ['', ':', 'x:1', 'node.example.org:80', '127.0.0.1', '127.0.0.1:65536', '127.0.0.1:-1', '::1:80', '[::1]', '1.2.3:80', 'http://localhost:80']) {
    it(`refuses ${JSON.stringify(http)}`, () => {
      assert.throws(() => parse(http), { name: 'UsageError', message: `Expected --http to be an address such as 127.0.0.1:9464, got ${http}` })
    })
  }

  it('lets others read the pages only where that is said too', () => {
    assert.throws(() => parse('0.0.0.0:9464'), { name: 'UsageError', message: /^Expected --http to be an address of loopback, got 0\.0\.0\.0:9464: .* Add --http-public/ })
    assert.deepEqual(parse('0.0.0.0:9464', { httpPublic: true, httpName: ['node.example.org'] }), {
      host: '0.0.0.0', port: 9464, public: true, names: ['node.example.org']
    })
  })
})
