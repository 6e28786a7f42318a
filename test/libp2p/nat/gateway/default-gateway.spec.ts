import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { isIPv4 } from 'node:net'
import { promisify } from 'node:util'
import { canMakeHosts } from '../../../integration/hosts.ts'
import { defaultGateway, linuxGateway, unixGateway, windowsGateway } from '../../../../src/libp2p/nat/gateway/default-gateway.ts'

const HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT'

/** A table of Linux, on a machine that writes the lowest byte first. */
function linuxTable (...routes: [destination: string, gateway: string, flags: string, metric: number, mask: string][]): string {
  const lines = routes.map(([destination, gateway, flags, metric, mask]) => `eth0\t${destination}\t${gateway}\t${flags}\t0\t0\t${metric}\t${mask}\t0\t0\t0`)

  return `${[HEAD, ...lines].join('\n')}\n`
}

describe('libp2p/nat/gateway/default-gateway', () => {
  it('is the default route of Linux with the lowest metric that leads over a gateway', () => {
    const lan = ['0001A8C0', '00000000', '0001', 100, '00FFFFFF'] as const
    assert.equal(linuxGateway(linuxTable([...lan], ['00000000', '0101A8C0', '0003', 100, '00000000'])), '192.168.1.1')
    assert.equal(linuxGateway(linuxTable(['00000000', '0101A8C0', '0003', 600, '00000000'], ['00000000', '0100000A', '0003', 100, '00000000'])), '10.0.0.1')
    // half of the internet, as a VPN has it, is no default route
    assert.equal(linuxGateway(linuxTable(['00000000', '0100000A', '0003', 0, '00000080'])), undefined)
    assert.equal(linuxGateway(linuxTable([...lan], ['00000000', '00000000', '0001', 0, '00000000'])), undefined)
    assert.equal(linuxGateway(HEAD), undefined)
    assert.equal(linuxGateway(''), undefined)
  })

  it('is what macOS and the BSDs print, and no name of an interface', () => {
    const head = 'Routing tables\n\nInternet:\nDestination        Gateway            Flags               Netif Expire\n'
    assert.equal(unixGateway(`${head}default            192.168.1.1        UGScg                 en0\n127                127.0.0.1          UCS      lo0\n`), '192.168.1.1')
    assert.equal(unixGateway(`${head}default            link#12            UCSg                utun3\n`), undefined)
    assert.equal(unixGateway(head), undefined)
  })

  it('is what Windows prints in any language, the lowest metric of several', () => {
    const table = [
      'IPv4-Routentabelle', '===', 'Aktive Routen:', '     Netzwerkziel    Netzwerkmaske          Gateway    Schnittstelle Metrik',
      '          0.0.0.0          0.0.0.0      10.0.0.138      10.0.0.12     55', '          0.0.0.0          0.0.0.0      192.168.1.1     192.168.1.5     25',
      '===', 'Ständige Routen:', '  Keine', ''
    ].join('\r\n')
    assert.equal(windowsGateway(table), '192.168.1.1')
    assert.equal(windowsGateway('          0.0.0.0          0.0.0.0     Auf Verbindung     10.0.0.12     55'), undefined)
    assert.equal(windowsGateway(''), undefined)
  })

  it('is the same for a service that sees no more of /proc than processes', async function () {
    if (process.platform !== 'linux' || !await canMakeHosts()) {
      this.skip()
    }

    const command = 'mount -t proc -o subset=pid proc /proc && ! test -e /proc/net && exec "$0" -e "$1"'
    const url = new URL('../../../../src/libp2p/nat/gateway/default-gateway.ts', import.meta.url)
    const program = `import('${url.href}').then(async ({ defaultGateway }) => { console.log(String(await defaultGateway())) })`
    const { stdout } = await promisify(execFile)('unshare', ['--mount', 'sh', '-c', command, process.execPath, program])

    assert.equal(stdout.trim(), String(await defaultGateway()))
  })

  it('is an address, or nothing, on this machine', async () => {
    const found = await defaultGateway()
    assert.ok(found == null || isIPv4(found), found)
  })
})
