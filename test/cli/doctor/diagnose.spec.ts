import assert from 'node:assert/strict'
import { diagnose, isClear } from '../../../src/cli/doctor/diagnose.ts'
import type { AddressStatus, GatewayStatus } from '../../../src/index.ts'

const LAN: AddressStatus = {
  address: '/ip4/192.168.1.2/tcp/8765/p2p/12D3KooWself', source: 'listen', scope: 'private', isTested: false, tests: null, toldTo: 'network'
}
const PUBLIC: AddressStatus = { ...LAN, address: '/ip4/203.0.113.7/tcp/8765/p2p/12D3KooWself', scope: 'public', toldTo: 'all' }
const MAPPED: AddressStatus = { ...PUBLIC, source: 'ip-mapping' }
const OBSERVED: AddressStatus = { ...PUBLIC, source: 'observed' }

const SILENT: GatewayStatus = {
  address: '192.168.1.1', protocol: null, externalAddress: null, problem: '192.168.1.1 answers neither PCP nor NAT-PMP'
}

interface Facts { gateway?: GatewayStatus | null, hasPublicIp6?: boolean, targets?: { target: string, lastError: string | null }[] }

function of (
  addresses: AddressStatus[], peers = 2, { gateway = SILENT, hasPublicIp6 = false, targets = [] }: Facts = {}
): ReturnType<typeof diagnose> {
  return diagnose({ addresses, gateway, dials: { targets }, peers: Array.from({ length: peers }, () => ({})) }, { hasPublicIp6 })
}

describe('cli/doctor/diagnose', () => {
  it('says that others reach a node that a peer has reached, and has nothing to advise', () => {
    for (const reached of [{ ...PUBLIC, isTested: true }, { ...PUBLIC, tests: { reached: 1, missed: 3 } }]) {
      const { verdict, advice, findings } = of([LAN, reached])
      assert.deepEqual([verdict, advice], ['reachable', []])
      assert.ok(findings.includes('A peer has dialled /ip4/203.0.113.7/tcp/8765, and got through.'))
      assert.equal(isClear({ addresses: [reached] }), true)
    }
  })

  it('says what the gateway does and speaks, and that a node has to ask it each time', () => {
    const gateway: GatewayStatus = { address: '192.168.1.1', protocol: 'NAT-PMP', externalAddress: '203.0.113.7', problem: null }
    const { verdict, findings, advice } = of([LAN, { ...MAPPED, isTested: true }], 2, { gateway })
    assert.equal(verdict, 'reachable')
    assert.ok(findings.includes('The gateway leads /ip4/203.0.113.7/tcp/8765 to this node (NAT-PMP).'))
    assert.match(advice[0]!, /--upnp/)
  })

  it('says why no gateway has opened the port, where the node has asked one', () => {
    assert.ok(of([LAN]).findings.includes(
      'No gateway has opened the port: 192.168.1.1 answers neither PCP nor NAT-PMP, and none speaks UPnP IGD 2.'
    ))
    const gateway = { ...SILENT, protocol: 'PCP', problem: '192.168.1.1 speaks PCP, and opens no port: it has no port left' } as const
    assert.ok(of([LAN], 2, { gateway }).findings.includes('No gateway has opened the port: 192.168.1.1 speaks PCP, and opens no port: it has no port left.'))

    for (const [addresses, gateway] of [[[LAN], null], [[PUBLIC], SILENT]] as const) {
      assert.ok(!of([...addresses], 2, { gateway }).findings.some((finding) => finding.includes('gateway')))
    }
  })

  it('says that others do not reach a node that peers have dialled in vain, and what to do', () => {
    const behind = of([LAN, { ...OBSERVED, tests: { reached: 0, missed: 2 } }])
    assert.equal(behind.verdict, 'unreachable')
    assert.ok(behind.findings.includes('2 peers have dialled /ip4/203.0.113.7/tcp/8765 in vain.'))
    assert.match(behind.advice.join(' '), /router forward TCP port 8765.*--relay --hole-punch --webrtc/)
    assert.match(of([{ ...PUBLIC, tests: { reached: 0, missed: 1 } }]).advice.join(' '), /TCP port 8765 through the firewall/)
  })

  it('says where the node does not listen on a public IPv6 address of the machine', () => {
    for (const [addresses, peers] of [[[], 0], [[LAN], 2]] as [AddressStatus[], number][]) {
      const { findings, advice } = of(addresses, peers, { hasPublicIp6: true })
      assert.ok(findings.includes('This machine has a public IPv6 address, and the node does not listen there.'))
      assert.match(advice[0]!, /--listen \/ip6\/::\/tcp\/8765/)
    }

    const there = of([{ ...PUBLIC, address: '/ip6/2001:4860::1/tcp/8765' }], 2, { hasPublicIp6: true })
    assert.ok(there.findings.includes('This machine has a public address.'))
    assert.ok(!there.advice.some((text) => text.includes('/ip6/')))
  })

  it('names the ports that the node listens on, those of QUIC too', () => {
    const quic = { ...PUBLIC, address: '/ip4/203.0.113.7/udp/9000/quic-v1/p2p/12D3KooWself' }
    assert.match(of([quic]).advice[0]!, /^Let UDP port 9000 through the firewall/)
    assert.match(of([PUBLIC, quic, PUBLIC]).advice[0]!, /^Let TCP port 8765 and UDP port 9000 through/)
    assert.match(of([{ ...LAN, address: '/ip4/192.168.1.2/udp/9000/quic-v1' }]).advice[0]!, /router forward UDP port 9000 to/)
  })

  it('says why each seed was not reached, where no peer was: of the first 8', () => {
    const targets = Array.from({ length: 10 }, (_, i) => ({
      target: `/ip4/203.0.113.${i}/tcp/8765`,
      lastError: i === 0 ? null : i === 1 ? 'The session with 12D3KooWx has ended: the peer said WRONG_NETWORK' : 'No answer in time'
    }))
    const { findings } = of([LAN], 0, { targets })
    assert.equal(findings[1], '/ip4/203.0.113.1/tcp/8765 was not reached: the peer said WRONG_NETWORK.')
    assert.equal(findings[8], '/ip4/203.0.113.8/tcp/8765 was not reached: No answer in time.')
    assert.equal(findings.filter((finding) => finding.includes('was not reached')).length, 8)
    assert.ok(!of([LAN], 1, { targets }).findings.some((finding) => finding.includes('was not reached')))
  })

  it('does not say what it cannot tell', () => {
    assert.equal(of([LAN]).verdict, 'unknown')
    assert.equal(of([PUBLIC]).verdict, 'unknown')
    assert.match(of([PUBLIC]).advice.at(-1)!, /--autonat/)
    assert.equal(of([PUBLIC], 0).verdict, 'offline')
    assert.match(of([PUBLIC], 0).advice.join(' '), /--seed.*firewall/)
    assert.equal(isClear({ addresses: [LAN, { ...PUBLIC, tests: { reached: 0, missed: 9 } }] }), false)
  })
})
