import { lacksLossyNetwork } from './lossy-network.ts'
import { ready } from './scenarios/ready.ts'
import { roundTrip } from './scenarios/round-trip.ts'
import { throughput } from './scenarios/throughput.ts'
import type { Benchmark } from './benchmark.ts'

const LOSS = { kind: 'ours', isBusy: true, loseOneOf: 100 } as const

/** QUIC beside TCP. */
export const QUIC: readonly Benchmark[] = [
  {
    name: 'sync-quic',
    about: 'a chain of 64 KiB blocks from memory to memory over QUIC',
    figures: { rate: 'bytes/s', receiver: 'ms', sender: 'ms' },
    isQuick: false,
    contenders: [
      { label: 'ours, QUIC', measure: throughput({ transfer: 'syncQuic', patience: 2 }) },
      { label: 'ours, TCP', measure: throughput({ transfer: 'sync', patience: 2 }) }
    ]
  },
  {
    name: 'ready-quic',
    about: 'from a dial to a ready session over QUIC',
    figures: { p50: 'ms', p99: 'ms', cpu: 'ms' },
    isQuick: false,
    contenders: [
      { label: 'ours, QUIC', measure: ready('quic') },
      { label: 'ours, TCP', measure: ready('tcp') }
    ]
  },
  {
    name: 'ping-loss',
    about: 'round trips of pings over QUIC while a chain comes and one packet in 100 is lost',
    figures: { p99: 'ms', p50: 'ms' },
    isQuick: false,
    lacks: lacksLossyNetwork,
    contenders: [
      { label: 'ours, QUIC', measure: roundTrip({ ...LOSS, transport: 'quic' }) },
      { label: 'ours, TCP', measure: roundTrip({ ...LOSS, transport: 'tcp' }) }
    ]
  }
]
