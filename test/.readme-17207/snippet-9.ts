import { startNetwork } from '../../src/index.ts'

const network = await startNetwork({ listen: ['/ip4/127.0.0.1/tcp/0'], genesisHash: new Uint8Array(32) })
const { peers } = network

network.addEventListener('peer:banned', ({ detail: { subject, reason, until } }) => {
  console.log(`${subject} is kept out until ${new Date(until).toISOString()}: ${reason}`)
})

peers.ban('12D3KooWGaNs8rXF8SWqEc4KiK3oSEcTEDjstUoe49m9E9CxfWdd', { duration: 60_000 }) // ms; banDuration unless said otherwise
peers.ban('2001:db8::1', { duration: Infinity, reason: 'asked to go' })
console.log(peers.bans.map(({ subject, kind }) => [kind, subject])) // [ [ 'peer', '12D3Koo...' ], [ 'host', '2001:db8::/64' ] ]
console.log(peers.isBanned('2001:db8::2'), peers.unban('2001:db8::2')) // true true
await network.stop()
